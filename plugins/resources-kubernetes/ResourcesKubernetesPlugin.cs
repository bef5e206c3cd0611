namespace Modular.Plugins.ResourcesKubernetes;

/// <summary>The built-in kinds of the Kubernetes API as a plugin.</summary>
public sealed class ResourcesKubernetesPlugin : IPlugin
{
    /// <inheritdoc />
    public ValueTask ProvisionAsync(IPluginContext context, CancellationToken cancellationToken)
    {
        context.Provide<IResourceSource>(new KubernetesResources());
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
