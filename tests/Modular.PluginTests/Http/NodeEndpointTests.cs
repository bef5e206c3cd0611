using System.Net;
using System.Text.RegularExpressions;
using Modular.Abstractions.Http;

namespace Modular.PluginTests;

/// <summary>What every node has to answer an API server. An author derives a class, says how the endpoint is made, and has these tests.</summary>
public abstract partial class NodeEndpointTests : IAsyncLifetime
{
    private const string NoPod = "nowhere/no-such-pod";

    private INodeEndpoint? _endpoint;
    private HttpFront? _front;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Path and query of a log that is followed and goes on; without it the test of it is skipped.</summary>
    protected virtual string? FollowedLog => null;

    /// <summary>How long the endpoint may take to notice that a client has gone.</summary>
    protected virtual TimeSpan Patience => TimeSpan.FromSeconds(30);

    /// <summary>Makes the endpoint; called once for each test.</summary>
    protected abstract ValueTask<INodeEndpoint> StartAsync();

    /// <inheritdoc />
    public async ValueTask InitializeAsync()
    {
        _endpoint = await StartAsync();
        _front = await HttpFront.StartAsync(_endpoint.HandleAsync, Token);
    }

    /// <summary>Ends what was made.</summary>
    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_front is not null)
        {
            await _front.DisposeAsync();
        }
    }

    /// <summary>The node has a name that a Node can have, and keeps it.</summary>
    [Fact]
    public void ItsNodeHasANameAndKeepsIt()
    {
        var name = _endpoint!.NodeName;
        Assert.Matches(NodeName(), name);
        Assert.Equal(name, _endpoint.NodeName);
    }

    /// <summary>A node that answers is healthy.</summary>
    [Fact]
    public async Task ANodeThatAnswersIsHealthy() => Assert.Equal(HttpStatusCode.OK, await _front!.GetStatusAsync("/healthz", Token));

    /// <summary>A pod that the node does not have, and a path that it does not know, are not found.</summary>
    [Theory]
    [InlineData($"/containerLogs/{NoPod}/main")]
    [InlineData($"/exec/{NoPod}/main?command=true&output=1")]
    [InlineData($"/portForward/{NoPod}?ports=80")]
    [InlineData("/no-such-path")]
    [InlineData("/")]
    public async Task WhatIsNotThereIsNotFound(string path)
    {
        Assert.Equal(HttpStatusCode.NotFound, await _front!.GetStatusAsync(path, Token));
        Assert.Empty(_front.Thrown);
    }

    /// <summary>A request that makes no sense is the client's mistake, and the node answers on.</summary>
    [Theory]
    [InlineData($"/containerLogs/{NoPod}/main")]
    [InlineData($"/exec/{NoPod}/main")]
    [InlineData($"/portForward/{NoPod}")]
    [InlineData("")]
    public async Task NonsenseHarmsNothing(string path)
    {
        await _front!.SendNonsenseAsync(path.Length == 0 ? "/x" : path, Token);
        Assert.Equal(HttpStatusCode.OK, await _front.GetStatusAsync("/healthz", Token));
    }

    /// <summary>Many that ask at once are answered like one.</summary>
    [Fact]
    public async Task ManyMayAskAtOnce()
    {
        var statuses = await Task.WhenAll(Enumerable.Range(0, 32).Select(i => _front!.GetStatusAsync(i % 2 == 0 ? "/healthz" : "/no-such-path", Token)));
        Assert.All(statuses.Index(), status => Assert.Equal(status.Index % 2 == 0 ? HttpStatusCode.OK : HttpStatusCode.NotFound, status.Item));
    }

    /// <summary>A log that is followed is followed for as long as somebody reads it.</summary>
    [Fact]
    public async Task AFollowedLogEndsWithItsReader()
    {
        var log = FollowedLog;
        Assert.SkipWhen(log is null, "the class names no log that goes on");
        using (var answer = await _front!.SendAsync("GET", log, content: null, Token))
        {
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.False(_front.Idle.IsCompleted, "it has ended while its reader is there");
        }

        await _front.Idle.WaitAsync(Patience, Token);
    }

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?\z")]
    private static partial Regex NodeName();
}
