using System.Diagnostics.Metrics;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Modular.Abstractions;
using Modular.ApiMachinery;
using Modular.Models;
using Modular.Testing;
using Modular.Toolkit;

namespace Modular.Plugins.Controllers.Tests;

/// <summary>Runs a controller against an API in memory, by a clock that tests move.</summary>
internal sealed class ControllerBench : IAsyncDisposable
{
    private readonly List<ControllerRunner> _runners = [];
    private readonly Meter _meter = new("test");

    public ControllerBench()
    {
        Api = InMemoryApi.WithCoreKinds(Time);
        Events = new EventRecorder(Api, "test", Time, NullLogger.Instance);
    }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    public InMemoryApi Api { get; }

    public EventRecorder Events { get; }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async Task RunAsync(IController controller)
    {
        var runner = new ControllerRunner(controller, Api, Time, NullLogger.Instance, new ControllerMetrics(_meter));
        _runners.Add(runner);
        runner.Start();
        await runner.Synced.WaitAsync(TimeSpan.FromMinutes(2), Token);
    }

    public async Task<ApiObject> AddAsync(GroupVersionResource resource, string ns, string json) =>
        await Api.CreateAsync(resource, ns, JsonNode.Parse(json)!.AsObject(), Token);

    public async Task PatchAsync(GroupVersionResource resource, string ns, string name, string json, string subresource = "") =>
        await Api.PatchAsync(new ResourceName(resource, ns, name), PatchType.Strategic, JsonNode.Parse(json)!, subresource, Token);

    public async Task DeleteAsync(GroupVersionResource resource, string ns, string name, string policy = "") =>
        await Api.DeleteAsync(new ResourceName(resource, ns, name), new DeleteOptions { PropagationPolicy = policy }, Token);

    public List<ApiObject> Pods() => Api.All(KubernetesResources.Pods);

    public List<Event> EventsOf(string reason) =>
        [.. Api.All(KubernetesResources.Events).Select(e => e.AsEvent()).Where(e => e.Reason == reason)];

    /// <summary>Moves the clock in steps until something holds; timers set meanwhile fire too.</summary>
    public Task AdvanceUntil(TimeSpan step, Func<bool> condition, string what) => Eventually.Holds(
        () =>
        {
            if (condition())
            {
                return true;
            }

            Time.Advance(step);
            return condition();
        },
        what);

    public async ValueTask DisposeAsync()
    {
        foreach (var runner in _runners)
        {
            await runner.DisposeAsync();
        }

        await Events.DisposeAsync();
        _meter.Dispose();
    }
}
