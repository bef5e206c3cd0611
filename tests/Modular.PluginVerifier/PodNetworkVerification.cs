using Modular.Abstractions;
using Modular.PluginTests;

namespace Modular.PluginVerifier;

/// <summary>The tests of pod networks; they run where <see cref="ThrowAwayNetwork"/> is the machine's.</summary>
public abstract class PodNetworkVerification(PluginPlace place) : PodNetworkTests
{
    private readonly RunningPlugin _plugin = new(place)
    {
        Network = new ClusterNetwork { Isolated = true, PodRange = "10.244.0.0/16", ServiceRange = "10.96.0.0/16", ApiAddress = "10.96.0.1", DnsAddress = "10.96.0.10", DnsPort = 53 },
    };

    public override async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await _plugin.DisposeAsync();
        await base.DisposeAsync();
    }

    protected override async ValueTask<IPodNetwork> StartAsync() => await _plugin.StartAsync<IPodNetwork>();
}

public sealed class PodNetworkInProcess() : PodNetworkVerification(PluginPlace.InProcess);

public sealed class PodNetworkInItsOwnProcess() : PodNetworkVerification(PluginPlace.OwnProcess);
