using Modular.Abstractions.Http;
using Modular.PluginTests;

namespace Modular.Plugins.NodeAgent.Tests;

/// <summary>What every node has to answer an API server, asked of this agent's endpoint.</summary>
public sealed class ConformanceTests : NodeEndpointTests
{
    private readonly AgentFixture _fixture = new();

    protected override string? FollowedLog => "/containerLogs/default/web/main?follow=true";

    public override async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await base.DisposeAsync();
        await _fixture.DisposeAsync();
    }

    protected override async ValueTask<INodeEndpoint> StartAsync()
    {
        await _fixture.UntilReadyAsync(_fixture.Bind("web"));
        await File.WriteAllTextAsync(
            _fixture.Runtime.Specs["web_main_0"].LogPath, "2030-01-01T00:00:01.000000000Z stdout F one\n", TestContext.Current.CancellationToken);
        return _fixture.Endpoint;
    }
}
