using Modular.Abstractions.Http;

namespace Modular.PluginTests;

/// <summary>What every plugin has to do that serves paths of the API server. An author derives a class, says how it is made, and has these tests.</summary>
public abstract class HttpEndpointsTests : IAsyncLifetime
{
    private static readonly string[] OfTheApi = ["/api", "/apis", "/openapi"];

    private IHttpEndpoints? _endpoints;
    private HttpFront? _front;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>How long the plugin may take to notice that a client has gone.</summary>
    protected virtual TimeSpan Patience => TimeSpan.FromSeconds(30);

    /// <summary>Makes the plugin; called once for each test.</summary>
    protected abstract ValueTask<IHttpEndpoints> StartAsync();

    /// <inheritdoc />
    public async ValueTask InitializeAsync()
    {
        _endpoints = await StartAsync();
        _front = await HttpFront.StartAsync(_endpoints.HandleAsync, Token);
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

    /// <summary>There are paths, each begins with a slash, none is the API's, and they stay the same.</summary>
    [Fact]
    public void ItsPathsAreItsOwnAndStayTheSame()
    {
        Assert.NotEmpty(_endpoints!.Prefixes);
        Assert.All(_endpoints.Prefixes, prefix =>
        {
            Assert.StartsWith("/", prefix, StringComparison.Ordinal);
            Assert.DoesNotContain(OfTheApi, path => prefix == path || prefix.StartsWith(path + "/", StringComparison.Ordinal));
        });
        Assert.Equal(_endpoints.Prefixes.ToArray(), _endpoints.Prefixes);
    }

    /// <summary>What is served is answered, by an answer of the API if it is refused.</summary>
    [Fact]
    public async Task WhatItServesIsAnswered()
    {
        foreach (var prefix in _endpoints!.Prefixes)
        {
            Assert.InRange((int)await _front!.GetStatusAsync(prefix, Token), 200, 499);
            Assert.Empty(_front.Thrown);
        }
    }

    /// <summary>A request that makes no sense is the client's mistake, and others are answered as before.</summary>
    [Fact]
    public async Task NonsenseHarmsNothing()
    {
        foreach (var prefix in _endpoints!.Prefixes)
        {
            var before = await _front!.GetStatusAsync(prefix, Token);
            await _front.SendNonsenseAsync(prefix.TrimEnd('/'), Token);
            Assert.Equal(before, await _front.GetStatusAsync(prefix, Token));
        }
    }

    /// <summary>Many that ask at once are answered like one.</summary>
    [Fact]
    public async Task ManyMayAskAtOnce()
    {
        var path = _endpoints!.Prefixes[0];
        var alone = await _front!.GetStatusAsync(path, Token);
        Assert.All(await Task.WhenAll(Enumerable.Range(0, 32).Select(_ => _front.GetStatusAsync(path, Token))), status => Assert.Equal(alone, status));
    }

    /// <summary>A request whose client has gone in the middle of it ends.</summary>
    [Fact]
    public async Task ARequestEndsWithItsClient()
    {
        foreach (var prefix in _endpoints!.Prefixes)
        {
            await _front!.SendHalfAsync(prefix, Token);
            // An answer that comes after it: the half has arrived, or never will.
            await _front.GetStatusAsync(prefix, Token);
            await _front.Idle.WaitAsync(Patience, Token);
        }
    }
}
