using Modular.Models;

namespace Modular.Plugins.NodeAgent.Containers;

/// <summary>The file that tells a pod's containers their host name.</summary>
internal static class HostnameFile
{
    public const string PathInContainer = "/etc/hostname";

    private const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>The host name of a pod with a name of its own.</summary>
    public static string Of(Pod pod) => pod.Spec.Hostname.Length > 0 ? pod.Spec.Hostname : pod.Metadata.Name;

    /// <summary>Writes the file.</summary>
    public static void Write(string path, Pod pod)
    {
        File.WriteAllText(path, Of(pod) + "\n");
        File.SetUnixFileMode(path, Mode);
    }
}
