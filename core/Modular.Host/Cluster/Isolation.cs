using System.Globalization;
using System.Runtime.InteropServices;
using Modular.Kernel.Plugins;
using Modular.PluginLoader;

namespace Modular.Host.Cluster;

/// <summary>Whether containers can have namespaces, limits and a network of their own on this machine.</summary>
internal static class Isolation
{
    private const string NetworkContract = "modular.pod-network";
    private const string ControlGroups = "/sys/fs/cgroup";
    private static readonly Version OldestKernel = new(5, 12);

    // Of <linux/capability.h>: what the supervisor and the network cannot do without.
    private static readonly IReadOnlyList<(int Bit, string Name)> Capabilities =
        [(21, "CAP_SYS_ADMIN"), (12, "CAP_NET_ADMIN"), (6, "CAP_SETGID"), (7, "CAP_SETUID"), (0, "CAP_CHOWN"), (27, "CAP_MKNOD")];

    /// <summary>What is missing, in words that complete "isolation needs"; null if nothing is.</summary>
    public static string? Missing(Distribution distribution, PluginCatalog catalog) =>
        MissingOnMachine() ?? (HasNetwork(distribution, catalog) ? null : $"a plugin that provides {NetworkContract}, such as network-bridge; the distribution has none");

    private static string? MissingOnMachine()
    {
        if (RuntimeInformation.ProcessArchitecture != Architecture.X64)
        {
            return $"an x86-64 machine; this one is {RuntimeInformation.ProcessArchitecture}";
        }

        if (Environment.OSVersion.Version < OldestKernel)
        {
            return $"Linux {OldestKernel} or newer; this is {Environment.OSVersion.Version}";
        }

        if (!Environment.IsPrivilegedProcess)
        {
            return "root";
        }

        var held = EffectiveCapabilities();
        return Capabilities.FirstOrDefault(capability => (held >> capability.Bit & 1) == 0) is { Name: { } name } ? name
            : CanWrite(Directory.Exists(Path.Combine(ControlGroups, "memory")) ? Path.Combine(ControlGroups, "memory") : ControlGroups)
                ? null : $"{ControlGroups} to be writable";
    }

    private static bool HasNetwork(Distribution distribution, PluginCatalog catalog)
    {
        var installed = catalog.List(out _);
        return distribution.Slots.Any(slot => slot.Enabled && installed.Any(
            plugin => plugin.Manifest.Id == slot.Plugin && plugin.Manifest.Provides.Any(provided => provided.Contract == NetworkContract)));
    }

    private static ulong EffectiveCapabilities()
    {
        const string key = "CapEff:";
        var line = File.ReadLines("/proc/self/status").FirstOrDefault(line => line.StartsWith(key, StringComparison.Ordinal));
        return line is null ? 0 : ulong.Parse(line.AsSpan(key.Length).Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
    }

    private static bool CanWrite(string directory)
    {
        var probe = Path.Combine(directory, $"modular-probe-{Environment.ProcessId}");
        try
        {
            Directory.CreateDirectory(probe);
            Directory.Delete(probe);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
