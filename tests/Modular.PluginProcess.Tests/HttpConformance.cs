using Modular.Abstractions.Http;
using Modular.PluginTests;

namespace Modular.PluginProcess.Tests;

/// <summary>What every plugin has to do that serves paths, asked of one here and in a process of its own.</summary>
public abstract class HttpEndpointsConformance(bool isProcess) : HttpEndpointsTests
{
    private PluginUnderTest? _test;

    public override async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await base.DisposeAsync();
        if (_test is not null)
        {
            await _test.DisposeAsync();
        }
    }

    protected override async ValueTask<IHttpEndpoints> StartAsync()
    {
        _test = await PluginUnderTest.StartAsync("http-fixture", isProcess);
        return _test.Provided<IHttpEndpoints>();
    }
}

public sealed class HttpEndpointsInProcessTests() : HttpEndpointsConformance(isProcess: false);

public sealed class HttpEndpointsInItsOwnProcessTests() : HttpEndpointsConformance(isProcess: true);

/// <summary>What every node has to answer, asked of one here and in a process of its own.</summary>
public abstract class NodeEndpointConformance(bool isProcess) : NodeEndpointTests
{
    private PluginUnderTest? _test;

    protected override string? FollowedLog => "/node/events";

    public override async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await base.DisposeAsync();
        if (_test is not null)
        {
            await _test.DisposeAsync();
        }
    }

    protected override async ValueTask<INodeEndpoint> StartAsync()
    {
        _test = await PluginUnderTest.StartAsync("http-fixture", isProcess);
        return _test.Provided<INodeEndpoint>();
    }
}

public sealed class NodeEndpointInProcessTests() : NodeEndpointConformance(isProcess: false);

public sealed class NodeEndpointInItsOwnProcessTests() : NodeEndpointConformance(isProcess: true);
