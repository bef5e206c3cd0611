using System.Globalization;
using Modular.Abstractions;
using Modular.ApiMachinery;

namespace Modular.Plugins.Controllers.GarbageCollection;

/// <summary>Keys that say of which resource an object is: its index goes before the namespace.</summary>
internal sealed class ResourceKeys(IReadOnlyList<ApiResource> resources)
{
    public IReadOnlyList<ApiResource> Resources { get; } = resources;

    public static ObjectName Key(int index, ObjectName name) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{index}/{name.Namespace}"), name.Name);

    public static (int Index, string Namespace) Split(ObjectName key)
    {
        var slash = key.Namespace.IndexOf('/', StringComparison.Ordinal);
        return (int.Parse(key.Namespace.AsSpan(0, slash), CultureInfo.InvariantCulture), key.Namespace[(slash + 1)..]);
    }

    /// <summary>The resource of a kind, or null if it is not served.</summary>
    public ApiResource? Find(string apiVersion, string kind)
    {
        foreach (var resource in Resources)
        {
            if (resource.Kind.Kind == kind && resource.Kind.ApiVersion == apiVersion)
            {
                return resource;
            }
        }

        return null;
    }
}
