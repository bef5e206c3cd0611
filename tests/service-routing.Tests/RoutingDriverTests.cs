using System.Diagnostics.Metrics;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Modular.Abstractions;
using Modular.ApiMachinery;
using Modular.Models;
using Modular.Testing;

namespace Modular.Plugins.ServiceRouting.Tests;

public sealed class RoutingDriverTests : IAsyncDisposable
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.Parse("2026-01-01T00:00:00Z", null)) { AutoAdvanceAmount = TimeSpan.Zero };
    private readonly SwappableRole<IServiceProxy> _proxy = new();
    private readonly SwappableRole<IDnsServer> _dns = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Meter _meter = new("test");
    private readonly InMemoryApi _api;
    private readonly RoutingDriver _driver;
    private bool? _hasProxy;
    private Task _run = Task.CompletedTask;

    public RoutingDriverTests()
    {
        _api = InMemoryApi.WithCoreKinds(_time);
        _driver = new RoutingDriver(
            _api, _proxy, _dns, new RoutingOptions(), "n1", _time, new RoutingMetrics(_meter), NullLogger.Instance,
            has => _hasProxy = has, _ => { });
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _run.ContinueWith(_ => { }, TaskScheduler.Default);
        await _driver.DisposeAsync();
        _stop.Dispose();
        _meter.Dispose();
    }

    [Fact]
    public async Task ReceiversGetTheWholeStateAndThenDifferences()
    {
        var (proxy, dns) = (new RecordingReceiver(), new RecordingReceiver());
        await AddServiceAsync("a");
        _proxy.Swap(proxy);
        _dns.Swap(dns);
        Start();

        var first = await NextAsync(proxy);
        Assert.Equal(0, first.Base);
        Assert.Single(first.Services);
        Assert.Equal(0, (await NextAsync(dns)).Base);

        await AddServiceAsync("b");
        var second = await NextAsync(proxy);
        Assert.Equal(first.Revision, second.Base);
        Assert.Equal("b", Assert.Single(second.Services).Name);
        Assert.Equal("b", Assert.Single((await NextAsync(dns)).Services).Name);
    }

    [Fact]
    public async Task ANewProviderGetsTheWholeState()
    {
        var (old, successor) = (new RecordingReceiver(), new RecordingReceiver());
        await AddServiceAsync("a");
        _proxy.Swap(old);
        Start();
        await NextAsync(old);

        _proxy.Swap(successor);

        var delta = await NextAsync(successor);
        Assert.Equal(0, delta.Base);
        Assert.Equal("a", Assert.Single(delta.Services).Name);
        Assert.False(old.Deltas.TryRead(out _));
    }

    [Fact]
    public async Task AReceiverThatDoesNotKnowTheBaseGetsTheWholeState()
    {
        var proxy = new RecordingReceiver();
        _proxy.Swap(proxy);
        Start();
        await NextAsync(proxy);
        proxy.Answer = static delta => new ServiceReport { Revision = delta.Base == 0 ? delta.Revision : 0 };

        await AddServiceAsync("a");

        Assert.NotEqual(0, (await NextAsync(proxy)).Base);
        Assert.Equal(0, (await NextAsync(proxy)).Base);
    }

    [Fact]
    public async Task AReceiverThatFailedIsTriedAgain()
    {
        var proxy = new RecordingReceiver { Answer = static _ => throw new InvalidOperationException("no mood") };
        _proxy.Swap(proxy);
        Start();
        await AddServiceAsync("a");
        await Eventually.Holds(() => _hasProxy == true, "the proxy is found");
        proxy.Answer = static delta => new ServiceReport { Revision = delta.Revision };

        Assert.Equal(0, (await NextAsync(proxy)).Base);
    }

    [Fact]
    public async Task AProblemIsReportedOnceAndAskedForAgain()
    {
        var proxy = new RecordingReceiver
        {
            Answer = static delta => new ServiceReport
            {
                Revision = delta.Revision,
                Problems = [.. delta.Services.Select(service => new ServiceProblem(service.Uid, "80/TCP", "PortInUse", "somebody else has it"))],
            },
        };
        await AddServiceAsync("a");
        _proxy.Swap(proxy);
        Start();

        await NextAsync(proxy);
        var again = await NextAsync(proxy);

        Assert.Empty(again.Services);
        await Eventually.Holds(() => _api.All(KubernetesResources.Events).Count == 1, "the event is written");
        var written = _api.All(KubernetesResources.Events)[0].AsEvent();
        Assert.Equal(("PortInUse", "80/TCP: somebody else has it", "a"), (written.Reason, written.Message, written.InvolvedObject.Name));
    }

    [Fact]
    public async Task WithoutAProviderNothingIsLost()
    {
        Start();
        await AddServiceAsync("a");
        await Eventually.Holds(() => _hasProxy == false, "nobody is there");

        var proxy = new RecordingReceiver();
        _proxy.Swap(proxy);

        Assert.Single((await NextAsync(proxy)).Services);
    }

    private void Start() => _run = Task.Run(() => _driver.RunAsync(_stop.Token), Token);

    private ValueTask<ApiObject> AddServiceAsync(string name)
    {
        JsonObject service = Cluster.Service(name, """{"clusterIP":"127.128.0.5","ports":[{"port":80}]}""");
        return _api.CreateAsync(KubernetesResources.Services, "default", service, Token);
    }

    // The clock goes on while a delta is awaited, whatever it is that holds it up.
    private async Task<ServiceDelta> NextAsync(RecordingReceiver receiver)
    {
        ServiceDelta? delta = null;
        await Eventually.Holds(
            () =>
            {
                _time.Advance(TimeSpan.FromMilliseconds(50));
                return receiver.Deltas.TryRead(out delta);
            },
            "a delta comes");
        return delta!;
    }
}
