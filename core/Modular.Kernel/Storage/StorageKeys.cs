namespace Modular.Kernel;

/// <summary>Where things lie in the store: <c>/registry/GROUP|core/RESOURCE/[NAMESPACE/]NAME</c>.</summary>
internal static class StorageKeys
{
    /// <summary>All objects.</summary>
    public const string Registry = "/registry/";

    /// <summary>The key after the last object.</summary>
    public const string RegistryEnd = "/registry0";

    /// <summary>What is added to the store's revisions; not an object.</summary>
    public const string RevisionBase = "/modular/revision-base";

    /// <summary>The first key of everything that the kernel writes.</summary>
    public const string First = "/";

    /// <summary>The key after everything that the kernel writes.</summary>
    public const string End = "0";

    /// <summary>The prefix of a resource's objects, the same for all versions of its group.</summary>
    public static string Prefix(GroupVersionResource resource) =>
        $"{Registry}{(resource.Group.Length == 0 ? "core" : resource.Group)}/{resource.Resource}/";

    /// <summary>The part behind the prefix: <c>NAMESPACE/NAME</c> or <c>NAME</c>.</summary>
    public static string Suffix(string ns, string name) => ns.Length == 0 ? name : $"{ns}/{name}";

    /// <summary>The key after the last one that begins with a prefix.</summary>
    public static string After(string prefix) => string.Concat(prefix.AsSpan(0, prefix.Length - 1), [(char)(prefix[^1] + 1)]);

    /// <summary>How much of a key is its resource's prefix; 0 if it is not an object's key.</summary>
    public static int PrefixLength(string key)
    {
        if (!key.StartsWith(Registry, StringComparison.Ordinal))
        {
            return 0;
        }

        var group = key.IndexOf('/', Registry.Length);
        return group < 0 ? 0 : key.IndexOf('/', group + 1) + 1;
    }

    /// <summary>Whether text from a URL can be part of a key at all; what cannot names nothing that exists.</summary>
    public static bool CanHold(string segment) =>
        segment.Length <= 253 && segment.AsSpan().IndexOfAnyExceptInRange('!', '~') < 0 && !segment.Contains('/');
}
