using System.Net;
using Modular.Abstractions;
using Modular.PluginTests;

namespace Modular.PluginProcess.Tests;

/// <summary>What every name server has to do, asked of this repository's, here and in a process of its own.</summary>
public abstract class DnsServerConformance(bool isProcess) : DnsServerTests
{
    private PluginUnderTest? _test;

    protected override IPEndPoint Endpoint => new(IPAddress.Parse(_test!.Context.Network.DnsAddress), _test.Context.Network.DnsPort);

    public override async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_test is not null)
        {
            await _test.DisposeAsync();
        }

        await base.DisposeAsync();
    }

    protected override async ValueTask<IDnsServer> StartAsync()
    {
        _test = await PluginUnderTest.StartAsync("dns", isProcess);
        return _test.Provided<IDnsServer>();
    }
}

public sealed class DnsInProcessTests() : DnsServerConformance(isProcess: false);

public sealed class DnsInItsOwnProcessTests() : DnsServerConformance(isProcess: true);
