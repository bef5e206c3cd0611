using Grpc.Core;
using Modular.Abstractions;
using Modular.ApiMachinery;

namespace Modular.PluginProcess.Contracts;

/// <summary>In the child: the kinds that the host was told last. Thread-safe.</summary>
internal sealed class SourceKinds
{
    private volatile Dictionary<GroupVersionResource, ResourceDefinition>? _kinds;

    /// <summary>Asks the source.</summary>
    public async Task<IReadOnlyList<ResourceDefinition>> ReadAsync(IResourceSource source, CancellationToken cancellationToken)
    {
        var kinds = await source.GetResourcesAsync(cancellationToken);
        _kinds = kinds.ToDictionary(kind => kind.Resource);
        return kinds;
    }

    /// <exception cref="RpcException">There is no such kind.</exception>
    public async ValueTask<ResourceDefinition> FindAsync(IResourceSource source, GroupVersionResource resource, CancellationToken cancellationToken)
    {
        // Before it is asked to describe them, the host may ask about those it knows of a process before this one.
        if (_kinds is null)
        {
            await ReadAsync(source, cancellationToken);
        }

        return _kinds!.TryGetValue(resource, out var kind) ? kind : throw new RpcException(new Status(StatusCode.NotFound, $"this plugin brings no {resource}"));
    }
}
