using System.Text.Json.Nodes;
using System.Threading.Channels;
using Microsoft.Extensions.Time.Testing;
using Modular.Plugins.ResourcesKubernetes.Allocation;

namespace Modular.Plugins.ResourcesKubernetes.Tests;

public sealed class ServiceAllocatorTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new(StrategiesFixture.Now);
    private readonly TellingInformer _informer = new();
    private readonly ServiceAllocator _allocator;
    private Task _following = Task.CompletedTask;

    public ServiceAllocatorTests() => _allocator = new ServiceAllocator("10.96.0.0/28", _time);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _following = _allocator.FollowAsync(_informer, Token);
        await _informer.TellAsync(WatchEventType.Added, Service("""{"clusterIP":"10.96.0.3","ports":[{"port":80,"nodePort":30001}]}""", "old"));
        await _informer.SyncAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _informer.DisposeAsync();
        await _following;
    }

    [Fact]
    public async Task Every_address_is_given_once_and_then_none()
    {
        var given = new HashSet<string>();
        for (var i = 0; i < 13; i++)
        {
            var (service, reservation) = await ReserveAsync("{}");
            Assert.True(given.Add(service.GetString("spec.clusterIP")!));
            Assert.Equal(service.GetString("spec.clusterIP"), service.GetArray("spec.clusterIPs")![0].AsString());
            reservation.Keep();
            reservation.Dispose();
        }

        Assert.DoesNotContain("10.96.0.0", given);
        Assert.DoesNotContain("10.96.0.3", given);
        Assert.DoesNotContain("10.96.0.15", given);
        var full = await Assert.ThrowsAsync<ApiException>(async () => await ReserveAsync("{}"));
        Assert.Contains("range is full", full.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"clusterIP":"10.96.0.3"}""", "spec.clusterIPs: Invalid value: [\"10.96.0.3\"]: failed to allocate IP 10.96.0.3: provided IP is already allocated")]
    [InlineData("""{"clusterIP":"10.97.0.3"}""", "spec.clusterIPs: Invalid value: [\"10.97.0.3\"]: failed to allocate IP 10.97.0.3: the provided IP (10.97.0.3) is not in the valid range. The range of valid IPs is 10.96.0.0/28")]
    [InlineData("""{"type":"NodePort","ports":[{"port":80,"nodePort":30001}]}""", "spec.ports[0].nodePort: Invalid value: 30001: provided port is already allocated")]
    [InlineData("""{"type":"NodePort","ports":[{"port":80,"nodePort":80}]}""", "spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid range. The range of valid ports is 30000-32767")]
    public async Task What_cannot_be_had_is_named_and_nothing_stays_taken(string spec, string error)
    {
        var errors = new FieldErrors();
        var service = Read(spec);
        (await _allocator.ReserveAsync(service, null, errors, Token)).Dispose();
        StrategiesFixture.Expect(error, [.. errors.Causes.Select(c => $"{c.Field}: {c.Message}")]);
        for (var i = 0; i < 13; i++)
        {
            await ReserveAsync("{}");
        }
    }

    [Fact]
    public async Task A_write_that_failed_gives_back_what_it_took()
    {
        var (_, reservation) = await ReserveAsync("""{"clusterIP":"10.96.0.5"}""");
        Assert.True(await IsTakenAsync("10.96.0.5"));
        reservation.Dispose();
        Assert.False(await IsTakenAsync("10.96.0.5"));
    }

    [Fact]
    public async Task What_a_service_holds_is_free_when_it_is_gone()
    {
        var (service, reservation) = await ReserveAsync("""{"clusterIP":"10.96.0.5"}""");
        reservation.Keep();
        reservation.Dispose();
        Assert.True(await IsTakenAsync("10.96.0.5"));
        await _informer.TellAsync(WatchEventType.Added, Service(service["spec"]!.ToJsonString(), "new"));
        await _informer.TellAsync(WatchEventType.Deleted, Service(service["spec"]!.ToJsonString(), "new"));
        await _informer.SyncAsync();
        Assert.False(await IsTakenAsync("10.96.0.5"));
        await _informer.TellAsync(WatchEventType.Modified, Service("""{"clusterIP":"None"}""", "old"));
        await _informer.SyncAsync();
        Assert.False(await IsTakenAsync("10.96.0.3"));
    }

    [Fact]
    public async Task A_service_that_was_shown_before_its_writer_knew_holds_no_more_than_its_own()
    {
        var (service, reservation) = await ReserveAsync("""{"clusterIP":"10.96.0.5"}""");
        await _informer.TellAsync(WatchEventType.Added, Service(service["spec"]!.ToJsonString(), "new"));
        await _informer.SyncAsync();
        reservation.Keep();
        reservation.Dispose();
        Assert.True(await IsTakenAsync("10.96.0.5"));
        await _informer.TellAsync(WatchEventType.Deleted, Service(service["spec"]!.ToJsonString(), "new"));
        await _informer.SyncAsync();
        Assert.False(await IsTakenAsync("10.96.0.5"));
    }

    [Fact]
    public async Task A_service_that_nobody_ever_sees_holds_nothing_for_long()
    {
        var (_, reservation) = await ReserveAsync("""{"clusterIP":"10.96.0.5"}""");
        reservation.Keep();
        reservation.Dispose();
        Assert.True(await IsTakenAsync("10.96.0.5"));
        _time.Advance(TimeSpan.FromMinutes(2));
        Assert.False(await IsTakenAsync("10.96.0.5"));
    }

    [Fact]
    public async Task Node_ports_are_given_to_those_who_want_them_and_shared_by_protocols()
    {
        var (service, _) = await ReserveAsync(
            """{"type":"NodePort","ports":[{"port":53,"protocol":"UDP"},{"port":53,"protocol":"TCP"},{"port":80,"nodePort":30002}]}""");
        var ports = service.GetArray("spec.ports")!.Select(p => p!["nodePort"].AsInt64()).ToList();
        Assert.Equal(ports[0], ports[1]);
        Assert.InRange(ports[0]!.Value, 30086, 32767);
        Assert.Equal(30002, ports[2]);

        var (plain, _) = await ReserveAsync("""{"type":"ClusterIP","ports":[{"port":80}]}""");
        Assert.Null(plain.GetArray("spec.ports")![0]!["nodePort"]);
        var (balancer, _) = await ReserveAsync("""{"type":"LoadBalancer","externalTrafficPolicy":"Local","allocateLoadBalancerNodePorts":false,"ports":[{"port":80}]}""");
        Assert.Null(balancer.GetArray("spec.ports")![0]!["nodePort"]);
        Assert.NotNull(balancer.GetInt64("spec.healthCheckNodePort"));
    }

    [Fact]
    public async Task An_update_keeps_what_it_has_and_takes_only_the_rest()
    {
        var old = Read("""{"clusterIP":"10.96.0.3","ports":[{"port":80,"nodePort":30001}]}""");
        var errors = new FieldErrors();
        var service = Read("""{"type":"NodePort","clusterIP":"10.96.0.3","ports":[{"port":80,"nodePort":30001},{"port":81}]}""");
        await _allocator.ReserveAsync(service, old, errors, Token);
        Assert.False(errors.Any);
        Assert.NotEqual(30001, service.GetArray("spec.ports")![1]!["nodePort"].AsInt64());
    }

    [Theory]
    [InlineData("""{"type":"ExternalName","externalName":"example.com"}""")]
    [InlineData("""{"clusterIP":"None"}""")]
    public async Task Those_without_an_address_get_none(string spec)
    {
        var (service, _) = await ReserveAsync(spec);
        Assert.NotEqual("10.96.", (service.GetString("spec.clusterIP") ?? "").PadRight(6)[..6]);
    }

    private async Task<bool> IsTakenAsync(string address)
    {
        var errors = new FieldErrors();
        (await _allocator.ReserveAsync(Read($$"""{"clusterIP":"{{address}}"}"""), null, errors, Token)).Dispose();
        return errors.Any;
    }

    private async Task<(JsonObject Service, IReservation Reservation)> ReserveAsync(string spec)
    {
        var errors = new FieldErrors();
        var service = Read(spec);
        var reservation = await _allocator.ReserveAsync(service, null, errors, Token);
        Assert.False(errors.Any);
        return (service, reservation);
    }

    private static JsonObject Read(string spec) => StrategiesFixture.Read($$"""{"spec":{{spec}}}""");

    private static ApiObject Service(string spec, string uid) => new(
        new GroupVersionKind("", "v1", "Service"),
        ObjectEncoding.Encode(StrategiesFixture.Read($$$"""{"apiVersion":"v1","kind":"Service","metadata":{"name":"{{{uid}}}","namespace":"a","uid":"{{{uid}}}"},"spec":{{{spec}}}}""")),
        1);

    /// <summary>Shows what it is told, and knows when that was taken in.</summary>
    private sealed class TellingInformer : IInformer
    {
        private readonly Channel<(WatchEvent Event, TaskCompletionSource Read)> _events = Channel.CreateUnbounded<(WatchEvent, TaskCompletionSource)>();

        public async Task TellAsync(WatchEventType type, ApiObject service) => await SendAsync(new WatchEvent(type, service));

        public Task SyncAsync() => SendAsync(new WatchEvent(WatchEventType.Bookmark, Service("{}", "bookmark")));

        public async IAsyncEnumerable<WatchEvent> ReadEventsAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await foreach (var (change, read) in _events.Reader.ReadAllAsync(cancellationToken))
            {
                yield return change;
                read.SetResult();
            }
        }

        public ApiObject? Get(string ns, string name) => null;

        public IReadOnlyList<ApiObject> List(string ns = "") => [];

        public ValueTask DisposeAsync()
        {
            _events.Writer.TryComplete();
            return ValueTask.CompletedTask;
        }

        private async Task SendAsync(WatchEvent change)
        {
            var read = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await _events.Writer.WriteAsync((change, read), Token);
            await read.Task.WaitAsync(Token);
        }
    }
}
