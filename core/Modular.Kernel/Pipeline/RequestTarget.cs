namespace Modular.Kernel;

/// <summary>What a request is about, once its kind is known.</summary>
internal sealed record RequestTarget
{
    public required ApiRequest Request { get; init; }

    /// <summary>The kind as it is stored, whose rules hold.</summary>
    public required ResourceDefinition Definition { get; init; }

    /// <summary>The version that the client speaks, where that is not the stored one.</summary>
    public ServedVersion? Version { get; init; }

    public required WatchCache Cache { get; init; }

    /// <summary>Null for the object itself.</summary>
    public Subresource? Subresource { get; init; }

    public GroupVersionResource Resource => Definition.Resource;

    public string Name => Request.Name;

    /// <summary>The key of the object that the URL names.</summary>
    public string Key => KeyOf(Request.Name);

    /// <summary>The key of an object in the namespace that the URL names.</summary>
    public string KeyOf(string name) => Cache.Prefix + StorageKeys.Suffix(Request.Namespace, name);

    /// <summary>What the kind's rules may know.</summary>
    public StrategyContext Context(KernelSettings settings, bool dryRun) => new()
    {
        Resource = Request.Resource,
        User = Request.User,
        Namespace = Request.Namespace,
        Name = Request.Name,
        Subresource = Request.Subresource,
        Now = settings.Time.GetUtcNow(),
        DryRun = dryRun,
        AllowLoopbackEndpoints = settings.AllowLoopbackEndpoints,
    };
}
