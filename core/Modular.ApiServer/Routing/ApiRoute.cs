namespace Modular.ApiServer;

/// <summary>What a path under /api or /apis names.</summary>
internal enum ApiRouteTarget
{
    /// <summary>Nothing.</summary>
    None,
    /// <summary><c>/api</c>.</summary>
    CoreVersions,
    /// <summary><c>/apis</c>.</summary>
    Groups,
    /// <summary><c>/apis/GROUP</c>.</summary>
    Group,
    /// <summary><c>/api/v1</c> or <c>/apis/GROUP/VERSION</c>.</summary>
    GroupVersion,
    /// <summary>A collection, an object or a subresource.</summary>
    Resource,
}

/// <summary>A path, understood.</summary>
internal readonly struct ApiRoute
{
    public ApiRouteTarget Target { get; init; }

    /// <summary>For a group or a group version.</summary>
    public string Group { get; init; }

    /// <summary>For a group version.</summary>
    public string Version { get; init; }

    /// <summary>For a resource.</summary>
    public ResourceDefinition Definition { get; init; }

    /// <summary>For a resource; empty where the path has none.</summary>
    public string Namespace { get; init; }

    /// <summary>For a resource; empty for collections.</summary>
    public string Name { get; init; }

    /// <summary>For a resource; null for the object itself.</summary>
    public Subresource? Subresource { get; init; }

    /// <summary>For a subresource that stands for a server: how many segments of the path are before the server's own path.</summary>
    public int Segments { get; init; }

    /// <summary>True for the deprecated paths that begin with <c>watch/</c>.</summary>
    public bool Watch { get; init; }
}
