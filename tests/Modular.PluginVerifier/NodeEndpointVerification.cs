using Modular.Abstractions.Http;
using Modular.PluginTests;

namespace Modular.PluginVerifier;

/// <summary>The tests of node endpoints.</summary>
public abstract class NodeEndpointVerification(PluginPlace place) : NodeEndpointTests
{
    private readonly RunningPlugin _plugin = new(place);

    public override async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await base.DisposeAsync();
        await _plugin.DisposeAsync();
    }

    protected override async ValueTask<INodeEndpoint> StartAsync() => await _plugin.StartAsync<INodeEndpoint>();
}

public sealed class NodeEndpointInProcess() : NodeEndpointVerification(PluginPlace.InProcess);

public sealed class NodeEndpointInItsOwnProcess() : NodeEndpointVerification(PluginPlace.OwnProcess);
