using System.Net;
using Modular.Abstractions;
using Modular.PluginTests;

namespace Modular.PluginVerifier;

/// <summary>The tests of name servers.</summary>
public abstract class DnsServerVerification(PluginPlace place) : DnsServerTests
{
    private readonly RunningPlugin _plugin = new(place);

    protected override IPEndPoint Endpoint => new(IPAddress.Parse(_plugin.Network.DnsAddress), _plugin.Network.DnsPort);

    public override async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await _plugin.DisposeAsync();
        await base.DisposeAsync();
    }

    protected override async ValueTask<IDnsServer> StartAsync() => await _plugin.StartAsync<IDnsServer>();
}

public sealed class DnsServerInProcess() : DnsServerVerification(PluginPlace.InProcess);

public sealed class DnsServerInItsOwnProcess() : DnsServerVerification(PluginPlace.OwnProcess);
