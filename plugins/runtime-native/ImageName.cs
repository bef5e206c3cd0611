using System.Text.RegularExpressions;
using Modular.Abstractions;

namespace Modular.Plugins.RuntimeNative;

/// <summary>The images that are not from a registry.</summary>
internal static partial class ImageName
{
    public const string Host = "host";
    public const string Modular = "modular";

    /// <exception cref="RuntimeException">It is another.</exception>
    public static string Check(string image)
    {
        if (image is Host or Modular)
        {
            return image;
        }

        throw Pattern().IsMatch(image)
            ? new RuntimeException("ErrImagePull", $"image '{image}' is in a registry, which this node does not read from: use 'modular', or 'host' with a command")
            : new RuntimeException("InvalidImageName", $"'{image}' is not the name of an image");
    }

    [GeneratedRegex(@"^[a-z0-9][a-z0-9._:/@-]*$", RegexOptions.IgnoreCase)]
    private static partial Regex Pattern();
}
