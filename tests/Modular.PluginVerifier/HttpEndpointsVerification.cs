using Modular.Abstractions.Http;
using Modular.PluginTests;

namespace Modular.PluginVerifier;

/// <summary>The tests of plugins that serve paths.</summary>
public abstract class HttpEndpointsVerification(PluginPlace place) : HttpEndpointsTests
{
    private readonly RunningPlugin _plugin = new(place);

    public override async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await base.DisposeAsync();
        await _plugin.DisposeAsync();
    }

    protected override async ValueTask<IHttpEndpoints> StartAsync() => await _plugin.StartAsync<IHttpEndpoints>();
}

public sealed class HttpEndpointsInProcess() : HttpEndpointsVerification(PluginPlace.InProcess);

public sealed class HttpEndpointsInItsOwnProcess() : HttpEndpointsVerification(PluginPlace.OwnProcess);
