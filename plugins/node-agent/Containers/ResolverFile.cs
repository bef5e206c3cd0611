using System.Text;

namespace Modular.Plugins.NodeAgent.Containers;

/// <summary>The file that tells a pod's containers whom to ask for names.</summary>
internal static class ResolverFile
{
    public const string PathInContainer = "/etc/resolv.conf";

    private const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>Writes the file if it is not as it should be. In place: containers that run have it mounted.</summary>
    public static void Write(string path, PodResolver resolver)
    {
        var text = Text(resolver);
        if (!File.Exists(path) || File.ReadAllText(path) != text)
        {
            File.WriteAllText(path, text);
            File.SetUnixFileMode(path, Mode);
        }
    }

    public static string Text(PodResolver resolver)
    {
        var text = new StringBuilder();
        if (resolver.Searches.Count > 0)
        {
            text.Append("search ").AppendJoin(' ', resolver.Searches).Append('\n');
        }

        foreach (var server in resolver.Nameservers)
        {
            text.Append("nameserver ").Append(server).Append('\n');
        }

        if (resolver.Options.Count > 0)
        {
            text.Append("options ").AppendJoin(' ', resolver.Options).Append('\n');
        }

        return text.ToString();
    }
}
