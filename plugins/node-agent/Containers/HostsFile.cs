using System.Text;
using Modular.Models;

namespace Modular.Plugins.NodeAgent.Containers;

/// <summary>The file in which a pod's containers look up names first: itself, and the names that its pod adds.</summary>
internal static class HostsFile
{
    public const string PathInContainer = "/etc/hosts";

    private const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>Writes the file if it is not as it should be. In place: containers that run have it mounted.</summary>
    public static void Write(string path, Pod pod, IReadOnlyList<string> addresses, string domain)
    {
        var text = pod.Spec.HostNetwork ? OfHost(pod) : OfPod(pod, addresses, domain);
        if (!File.Exists(path) || File.ReadAllText(path) != text)
        {
            File.WriteAllText(path, text);
            File.SetUnixFileMode(path, Mode);
        }
    }

    private static string OfHost(Pod pod)
    {
        var text = new StringBuilder("# Kubernetes-managed hosts file (host network).\n");
        text.Append(File.Exists(PathInContainer) ? File.ReadAllText(PathInContainer) : "");
        return AddAliases(text, pod).ToString();
    }

    private static string OfPod(Pod pod, IReadOnlyList<string> addresses, string domain)
    {
        var text = new StringBuilder("""
            # Kubernetes-managed hosts file.
            127.0.0.1	localhost
            ::1	localhost ip6-localhost ip6-loopback
            fe00::0	ip6-localnet
            fe00::0	ip6-mcastprefix
            fe00::1	ip6-allnodes
            fe00::2	ip6-allrouters

            """);
        var host = HostnameFile.Of(pod);
        var full = pod.Spec.Subdomain.Length > 0 ? $"{host}.{pod.Spec.Subdomain}.{pod.Metadata.Namespace}.svc.{domain}\t" : "";
        foreach (var address in addresses)
        {
            text.Append(address).Append('\t').Append(full).Append(host).Append('\n');
        }

        return AddAliases(text, pod).ToString();
    }

    private static StringBuilder AddAliases(StringBuilder text, Pod pod)
    {
        if (pod.Spec.HostAliases.Count > 0)
        {
            text.Append("\n# Entries added by HostAliases.\n");
        }

        foreach (var alias in pod.Spec.HostAliases)
        {
            text.Append(alias.Ip).Append('\t').AppendJoin('\t', alias.Hostnames).Append('\n');
        }

        return text;
    }
}
