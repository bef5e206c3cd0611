using Modular.Abstractions;
using Modular.PluginTests;

namespace Modular.PluginVerifier;

/// <summary>The tests of service proxies.</summary>
public abstract class ServiceProxyVerification(PluginPlace place) : ServiceProxyTests
{
    private readonly RunningPlugin _plugin = new(place);

    public override async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await _plugin.DisposeAsync();
        await base.DisposeAsync();
    }

    protected override async ValueTask<IServiceProxy> StartAsync() => await _plugin.StartAsync<IServiceProxy>();
}

public sealed class ServiceProxyInProcess() : ServiceProxyVerification(PluginPlace.InProcess);

public sealed class ServiceProxyInItsOwnProcess() : ServiceProxyVerification(PluginPlace.OwnProcess);
