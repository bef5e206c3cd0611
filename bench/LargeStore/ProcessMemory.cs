using System.Globalization;

namespace LargeStore;

/// <summary>What a process holds, in bytes: its share of resident memory, and the part of it that no file backs.</summary>
internal sealed record ProcessMemory(long Pss, long Anonymous)
{
    public static ProcessMemory Of(int pid)
    {
        var sizes = File.ReadLines($"/proc/{pid}/smaps_rollup").Select(line => line.Split(':', 2)).Where(parts => parts.Length == 2 && parts[1].EndsWith(" kB", StringComparison.Ordinal))
            .ToDictionary(parts => parts[0], parts => long.Parse(parts[1][..^3], CultureInfo.InvariantCulture) * 1024);
        return new ProcessMemory(sizes["Pss"], sizes["Anonymous"]);
    }
}
