using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Modular.EndToEnd;

/// <summary>What a cluster has on the machine, found by the names that all of it carries. Other clusters' things are not seen.</summary>
internal sealed class MachineInventory(string dataDirectory)
{
    private const string ControlGroups = "/sys/fs/cgroup";

    /// <summary>Everything that is there now.</summary>
    public IReadOnlyList<string> Find() => [.. Processes(), .. Mounts(), .. Groups(), .. Links(), .. Tables()];

    private static string Tag(string directory, int digits) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(directory)))[..digits];

    private string NetworkTag => Tag(Path.Combine(dataDirectory, "plugins", "network"), 6);

    // By an argument, a variable or an open file.
    private IEnumerable<string> Processes() => Directory.GetDirectories("/proc")
        .Where(directory => int.TryParse(Path.GetFileName(directory), CultureInfo.InvariantCulture, out var pid) && pid != Environment.ProcessId)
        .Where(Belongs).Select(directory => $"process {Path.GetFileName(directory)}");

    private bool Belongs(string process)
    {
        try
        {
            return File.ReadAllText($"{process}/cmdline").Contains(dataDirectory, StringComparison.Ordinal)
                || File.ReadAllText($"{process}/environ").Contains(dataDirectory, StringComparison.Ordinal)
                || File.ReadAllText($"{process}/cgroup").Contains(GroupName, StringComparison.Ordinal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It ended meanwhile, or is somebody else's.
            return false;
        }
    }

    private IEnumerable<string> Mounts() => File.ReadLines("/proc/self/mountinfo")
        .Where(line => line.Contains(dataDirectory, StringComparison.Ordinal)).Select(line => $"mount {line.Split(' ')[4]}");

    private string GroupName => $"modular-{Tag(Path.Combine(dataDirectory, "plugins", "runtime"), 8)}";

    private IEnumerable<string> Groups() => Directory.GetDirectories(ControlGroups).Append(ControlGroups)
        .Select(hierarchy => Path.Combine(hierarchy, GroupName)).Where(Directory.Exists).Select(group => $"cgroup {group}");

    // A route goes with its link, a network namespace with the link's other end or with its mount.
    private IEnumerable<string> Links() => Directory.GetFileSystemEntries("/sys/class/net").Select(Path.GetFileName)
        .Where(name => name == $"modular{NetworkTag}" || name!.StartsWith($"m{NetworkTag}", StringComparison.Ordinal)).Select(name => $"link {name}");

    private IEnumerable<string> Tables() => File.Exists("/usr/sbin/nft")
        ? CommandResult.RunAsync("/usr/sbin/nft", ["list", "ruleset"], "", new Dictionary<string, string>(), CancellationToken.None).Result.Output
            .Split('\n').Where(line => line.Contains($"modular-{NetworkTag}", StringComparison.Ordinal)).Select(line => $"rule {line.Trim()}")
        : [];
}
