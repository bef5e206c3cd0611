namespace Modular.Kernel.Plugins;

/// <summary>The kind of objects that say which plugin fills a role: <c>plugins.modular.dev</c>.</summary>
public static class PluginKind
{
    /// <summary>Group, version and plural.</summary>
    public static GroupVersionResource Resource { get; } = new("modular.dev", "v1alpha1", "plugins");

    /// <summary>Group, version and kind.</summary>
    public static GroupVersionKind Kind { get; } = new("modular.dev", "v1alpha1", "Plugin");

    /// <summary>Everything the API needs to serve the kind.</summary>
    public static ResourceDefinition Definition { get; } = new()
    {
        Resource = Resource,
        Kind = Kind,
        Singular = "plugin",
        Schema = PluginSchema.Build(),
        Columns =
        [
            new("Plugin", "string", "", "The implementation that fills the role."),
            new("Version", "string", "", "Its version."),
            new("Phase", "string", "", "Where it is in its life."),
            new("Ready", "string", "", "Whether it can do its work; else why not."),
            new("Role", "string", "", "The contracts it provides."),
        ],
        Table = new PluginTable(),
        Strategy = new PluginStrategy(),
        Subresources = [new() { Name = "status", Type = SubresourceType.Status, Kind = Kind }],
    };
}

/// <summary>Brings the kind into the API; the host itself provides it.</summary>
public sealed class PluginResourceSource : IResourceSource
{
    /// <inheritdoc />
    public ValueTask<IReadOnlyList<ResourceDefinition>> GetResourcesAsync(CancellationToken cancellationToken) =>
        new([PluginKind.Definition]);
}
