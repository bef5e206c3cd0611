using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Modular.Abstractions;
using Modular.ApiMachinery;
using Modular.Models;
using Modular.Testing;

namespace Modular.Plugins.Scheduling.Tests;

/// <summary>A driver on a virtual clock, its cluster, and what tests do to it.</summary>
public abstract class DriverScene : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Meter _meter = new("test");
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("modular-trials-");
    private SchedulingDriver? _driver;
    private Task _run = Task.CompletedTask;

    private protected DriverScene() => Api = InMemoryApi.WithCoreKinds(Time);

    private protected static CancellationToken Token => TestContext.Current.CancellationToken;

    private protected FakeTimeProvider Time { get; } = new(DateTimeOffset.Parse("2026-01-01T00:00:00Z", null));

    private protected SwappableScheduler Scheduler { get; } = new();

    private protected TestCandidates Candidates { get; } = new();

    private protected InMemoryApi Api { get; }

    private protected ConcurrentQueue<(SchedulerState State, string Message)> Reports { get; } = [];

    private protected string TrialDirectory => _directory.FullName;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _run.ContinueWith(_ => { }, TaskScheduler.Default);
        if (_driver is not null)
        {
            await _driver.DisposeAsync();
        }

        _stop.Dispose();
        _meter.Dispose();
        _directory.Delete(recursive: true);
        GC.SuppressFinalize(this);
    }

    private protected void Start()
    {
        _driver = new SchedulingDriver(
            Api, Scheduler, Candidates, new SchedulingOptions(), TrialDirectory, Time, NullLogger.Instance, new SchedulingMetrics(_meter), (state, message) => Reports.Enqueue((state, message)));
        _run = Task.Run(() => _driver.RunAsync(_stop.Token));
    }

    private protected static ResourceName Name(string pod) => new(KubernetesResources.Pods, "default", pod);

    private protected string NodeOf(string pod) => Api.Peek(KubernetesResources.Pods, "default", pod)!.AsPod().Spec.NodeName;

    private protected int Bound() => Api.All(KubernetesResources.Pods).Count(p => p.AsPod().Spec.NodeName.Length > 0);

    private protected Condition? Scheduled(string pod) =>
        Condition.Find(Api.Peek(KubernetesResources.Pods, "default", pod)!.AsPod().Status.Conditions, "PodScheduled");

    private protected List<Event> Events(string reason) =>
        [.. Api.All(KubernetesResources.Events).Select(e => e.AsEvent()).Where(e => e.Reason == reason)];

    private protected async Task AddNode(string name, int milliCpu, Action<JsonObject>? change = null)
    {
        var node = JsonNode.Parse($$$"""
            {"metadata":{"name":"{{{name}}}"},"status":{"allocatable":{"cpu":"{{{milliCpu}}}m","memory":"8Gi","pods":"110"}} }
            """)!.AsObject();
        change?.Invoke(node);
        await Api.CreateAsync(KubernetesResources.Nodes, "", node, Token);
    }

    private protected async Task AddPod(string name, int milliCpu, Action<JsonObject>? change = null)
    {
        var pod = JsonNode.Parse($$$"""
            {"metadata":{"name":"{{{name}}}"},"spec":{"containers":[{"name":"c","image":"i","resources":{"requests":{"cpu":"{{{milliCpu}}}m"} } }] } }
            """)!.AsObject();
        change?.Invoke(pod);
        await Api.CreateAsync(KubernetesResources.Pods, "default", pod, Token);
    }
}
