using System.Globalization;

namespace Modular.Host.Cluster;

/// <summary>What a process costs: its proportional set size, which counts shared pages once over all who share them.</summary>
internal static class MemoryUse
{
    public static double ProportionalMegabytes(int pid)
    {
        try
        {
            foreach (var line in File.ReadLines($"/proc/{pid}/smaps_rollup"))
            {
                if (line.StartsWith("Pss:", StringComparison.Ordinal))
                {
                    var kilobytes = line.AsSpan(4).Trim();
                    return long.Parse(kilobytes[..kilobytes.IndexOf(' ')], CultureInfo.InvariantCulture) / 1024.0;
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The process has ended meanwhile, or is another user's.
        }

        return 0;
    }
}
