using Modular.Abstractions;
using Modular.PluginTests;

namespace Modular.PluginProcess.Tests;

/// <summary>What every service proxy has to do, asked of this repository's, here and in a process of its own.</summary>
public abstract class ServiceProxyConformance(bool isProcess) : ServiceProxyTests
{
    private PluginUnderTest? _test;

    public override async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_test is not null)
        {
            await _test.DisposeAsync();
        }

        await base.DisposeAsync();
    }

    protected override async ValueTask<IServiceProxy> StartAsync()
    {
        _test = await PluginUnderTest.StartAsync("proxy-yarp", isProcess);
        return _test.Provided<IServiceProxy>();
    }
}

public sealed class YarpInProcessTests() : ServiceProxyConformance(isProcess: false);

public sealed class YarpInItsOwnProcessTests() : ServiceProxyConformance(isProcess: true);
