using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Strategies;

/// <summary>When an image is pulled if the pod does not say: a tag that moves is asked for each time.</summary>
internal static class ImagePullPolicy
{
    public static string For(string image)
    {
        if (image.Length == 0)
        {
            return "IfNotPresent";
        }

        var digest = image.IndexOf('@');
        var name = digest < 0 ? image.AsSpan() : image.AsSpan(0, digest);
        var last = name[(name.LastIndexOf('/') + 1)..];
        var colon = last.IndexOf(':');
        var moves = colon < 0 ? digest < 0 : last[(colon + 1)..] is "latest";
        return moves ? "Always" : "IfNotPresent";
    }
}
