using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Time.Testing;
using Modular.Abstractions;
using Modular.Testing;

namespace Modular.Plugins.ProxyYarp.Tests;

public sealed class DrainTests
{
    private const string Ending = "127.0.0.2";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_endpoint_that_ends_takes_nothing_new_and_is_used_as_long_as_it_has_connections()
    {
        await using var test = await ProxyUnderTest.StartAsync();
        await using var ending = new EchoServer("a", Ending);
        await using var other = new EchoServer("b");
        await test.ApplyAsync(Service(test, ending.EndPoint));
        var old = await test.ConnectAsync(8080);
        Assert.Equal("a", await EchoServer.ReadAsync(old, 1));
        await test.ApplyAsync(Service(test, ending.EndPoint, other.EndPoint));

        Assert.True(await test.Proxy.DrainAsync(Ending, Token));
        for (var i = 0; i < 6; i++)
        {
            using var client = await test.ConnectAsync(8080);
            Assert.Equal("b", await EchoServer.ReadAsync(client, 1));
        }

        Assert.Equal("still", await EchoServer.AskAsync(old, "still"));
        old.Dispose();
        await Eventually.Holds(async () => !await test.Proxy.DrainAsync(Ending, Token), "nothing is on its way there");
    }

    [Fact]
    public async Task An_address_that_comes_again_is_somebody_elses()
    {
        await using var test = await ProxyUnderTest.StartAsync();
        await using var ending = new EchoServer("a", Ending);
        await using var other = new EchoServer("b");
        await test.ApplyAsync(Service(test, ending.EndPoint, other.EndPoint));
        await test.Proxy.DrainAsync(Ending, Token);
        await test.ApplyAsync(Service(test, ending.EndPoint, other.EndPoint));
        await test.ApplyAsync(Service(test, other.EndPoint));
        await test.ApplyAsync(Service(test, ending.EndPoint, other.EndPoint));
        Assert.Equal(["a", "b"], await NamesAsync(test));
    }

    [Fact]
    public async Task What_becomes_ready_while_it_ends_is_not_taken_for_somebody_else()
    {
        var time = new FakeTimeProvider();
        await using var test = await ProxyUnderTest.StartAsync(time: time);
        await using var ending = new EchoServer("a", Ending);
        await using var other = new EchoServer("b");
        await test.ApplyAsync(Service(test, other.EndPoint));
        await test.Proxy.DrainAsync(Ending, Token);
        await test.ApplyAsync(Service(test, other.EndPoint));
        await test.ApplyAsync(Service(test, ending.EndPoint, other.EndPoint));
        Assert.Equal(["b"], await NamesAsync(test));

        await test.ApplyAsync(Service(test, other.EndPoint));
        await test.Proxy.DrainAsync(Ending, Token);
        time.Advance(TimeSpan.FromSeconds(3));
        await test.ApplyAsync(Service(test, other.EndPoint));
        await test.ApplyAsync(Service(test, ending.EndPoint, other.EndPoint));
        Assert.Equal(["a", "b"], await NamesAsync(test));
    }

    [Fact]
    public async Task A_proxy_knows_what_the_one_before_it_still_carries()
    {
        await using var test = await ProxyUnderTest.StartAsync();
        await using var ending = new EchoServer("a", Ending);
        var service = Service(test, ending.EndPoint);
        await test.ApplyAsync(service);
        var old = await test.ConnectAsync(8080);
        Assert.Equal("a", await EchoServer.ReadAsync(old, 1));
        await test.SwapAsync(service);

        Assert.True(await test.Proxy.DrainAsync(Ending, Token));
        Assert.Equal("still", await EchoServer.AskAsync(old, "still"));
        old.Dispose();
        await Eventually.Holds(async () => !await test.Proxy.DrainAsync(Ending, Token), "nothing is on its way there");
    }

    [Fact]
    public async Task A_request_counts_until_it_is_answered_and_its_connection_goes_on_elsewhere()
    {
        await using var test = await ProxyUnderTest.StartAsync();
        await using var ending = await WebServer.StartAsync("a", address: Ending);
        await using var other = await WebServer.StartAsync("b");
        await test.ApplyAsync(Web(test, ending.EndPoint));
        using var http = new HttpClient { BaseAddress = new Uri($"http://{test.Address}:8080") };
        var download = await http.GetAsync(new Uri("/download", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, Token);
        await test.ApplyAsync(Web(test, ending.EndPoint, other.EndPoint));

        Assert.True(await test.Proxy.DrainAsync(Ending, Token));
        Assert.StartsWith("b ", await http.GetStringAsync(new Uri("/x", UriKind.Relative), Token), StringComparison.Ordinal);
        ending.Release.SetResult();
        Assert.Equal("first second", await download.Content.ReadAsStringAsync(Token));
        await Eventually.Holds(async () => !await test.Proxy.DrainAsync(Ending, Token), "the request is answered");
        Assert.StartsWith("b ", await http.GetStringAsync(new Uri("/y", UriKind.Relative), Token), StringComparison.Ordinal);
    }

    private static ServiceRecord Service(ProxyUnderTest test, params IPEndPoint[] endpoints) =>
        ProxyUnderTest.Service(test.Address, ProxyUnderTest.Port(8080, "TCP", "", endpoints));

    private static ServiceRecord Web(ProxyUnderTest test, params IPEndPoint[] endpoints) =>
        ProxyUnderTest.Service(test.Address, ProxyUnderTest.Port(8080, "TCP", "http", endpoints));

    private static async Task<IReadOnlyList<string>> NamesAsync(ProxyUnderTest test)
    {
        var names = new SortedSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < 4; i++)
        {
            using var client = await test.ConnectAsync(8080);
            names.Add(await EchoServer.ReadAsync(client, 1));
        }

        return [.. names];
    }
}
