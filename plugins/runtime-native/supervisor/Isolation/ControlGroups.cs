using System.Security.Cryptography;
using System.Text;

namespace Modular.RuntimeNative.Supervisor.Isolation;

/// <summary>Which way of limits this machine has.</summary>
internal static class ControlGroups
{
    private const string Root = "/sys/fs/cgroup";

    /// <summary>The groups of one cluster, which its data directory tells from others on this machine.</summary>
    public static IControlGroups Find(string dataDirectory)
    {
        var owner = "modular-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(dataDirectory)).AsSpan(0, 4));
        return File.Exists(Path.Combine(Root, "cgroup.controllers")) ? new ControlGroupsV2(Root, owner) : new ControlGroupsV1(Root, owner);
    }
}
