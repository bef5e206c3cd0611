using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Modular.Abstractions;
using Modular.ApiMachinery;
using Modular.Models;
using Modular.Testing;

namespace Modular.Toolkit.Tests;

public sealed class ControllerRunnerTests : IAsyncDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly Meter _meter = new("test");
    private readonly InMemoryApi _api;
    private readonly Recorder _controller = new();
    private readonly ControllerRunner _runner;

    public ControllerRunnerTests()
    {
        _api = InMemoryApi.WithCoreKinds(_time);
        _runner = new ControllerRunner(_controller, _api, _time, NullLogger.Instance, new ControllerMetrics(_meter));
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _runner.DisposeAsync();
        _meter.Dispose();
    }

    [Fact]
    public async Task NothingIsReconciledBeforeAllThereIsIsKnown()
    {
        await Add("a", "red");
        await Add("b", "blue");
        _runner.Start();
        await Eventually.Holds(() => _controller.Done.Count == 2, "both keys");
        Assert.Equal(2, _controller.KnownAtStart);
    }

    [Fact]
    public async Task AChangeWakesWhatTheObjectConcernedBeforeToo()
    {
        await Add("a", "red");
        _runner.Start();
        await Eventually.Holds(() => _controller.Done.Contains("red"), "red");
        _controller.Done.Clear();
        await _api.PatchAsync(Name("a"), PatchType.Merge, JsonNode.Parse("""{"metadata":{"labels":{"team":"blue"}}}""")!, "", Token);
        await Eventually.Holds(() => _controller.Done.Contains("red") && _controller.Done.Contains("blue"), "red and blue");
        _controller.Done.Clear();
        await _api.DeleteAsync(Name("a"), new DeleteOptions(), Token);
        await Eventually.Holds(() => _controller.Done.SequenceEqual(["blue"]), "blue");
    }

    [Fact]
    public async Task AFailureIsTriedAgainLaterAndAWantedDelayIsKept()
    {
        _controller.Answer = attempt => attempt switch
        {
            0 => throw new InvalidOperationException("not yet"),
            1 => TimeSpan.FromMinutes(1),
            _ => null,
        };
        await Add("a", "red");
        _runner.Start();
        await Eventually.Holds(() => _controller.Attempts == 1, "it was tried");
        await Eventually.Holds(
            () =>
            {
                _time.Advance(TimeSpan.FromMilliseconds(5));
                return _controller.Attempts == 2;
            },
            "it is tried again");
        await Eventually.Holds(
            () =>
            {
                _time.Advance(TimeSpan.FromSeconds(10));
                return _controller.Attempts == 3;
            },
            "it is looked at again when it asked for");
    }

    [Fact]
    public async Task AnInformerThatCannotBeOpenedIsTriedAgain()
    {
        var refusals = 2;
        _api.Intercept = (verb, _, _, _) => verb == "watch" && Interlocked.Decrement(ref refusals) >= 0
            ? new ApiException(StatusReason.ServiceUnavailable, "soon")
            : null;
        await Add("a", "red");
        _runner.Start();
        await Eventually.Holds(
            () =>
            {
                _time.Advance(TimeSpan.FromSeconds(1));
                return _controller.Done.Contains("red");
            },
            "it runs in the end");
    }

    [Fact]
    public async Task StoppingWaitsForWorkAtHand()
    {
        var entered = new TaskCompletionSource();
        var left = false;
        _controller.Work = async cancellationToken =>
        {
            entered.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await Task.Yield();
            left = true;
        };
        await Add("a", "red");
        _runner.Start();
        await entered.Task;
        await _runner.StopAsync();
        Assert.True(left);
    }

    [Fact]
    public async Task ASourceThatIsOpenedLaterWakesTheControllerToo()
    {
        var added = new TaskCompletionSource<IInformer>();
        _controller.Work = async cancellationToken =>
        {
            if (!added.Task.IsCompleted)
            {
                var source = new ControllerSource(new ResourceScope(KubernetesResources.ConfigMaps), static map => [new ObjectName("", map.Metadata.Name)]);
                added.SetResult(await _controller.Open!(source, cancellationToken));
            }
        };
        await _api.CreateAsync(KubernetesResources.ConfigMaps, "shop", JsonNode.Parse("""{"metadata":{"name":"before"}}""")!.AsObject(), Token);
        await Add("a", "red");
        _runner.Start();
        Assert.NotNull((await added.Task).Get("shop", "before"));
        await _api.CreateAsync(KubernetesResources.ConfigMaps, "shop", JsonNode.Parse("""{"metadata":{"name":"after"}}""")!.AsObject(), Token);
        await Eventually.Holds(() => _controller.Done.Contains("before") && _controller.Done.Contains("after"), "both maps");
    }

    private static ResourceName Name(string pod) => new(KubernetesResources.Pods, "shop", pod);

    private Task<ApiObject> Add(string name, string team) => _api.CreateAsync(
        KubernetesResources.Pods, "shop",
        JsonNode.Parse($$"""{"metadata":{"name":"{{name}}","labels":{"team":"{{team}}"} } }""")!.AsObject(), Token).AsTask();

    private sealed class Recorder : IGrowingController
    {
        private int _attempts;

        public string Name => "recorder";

        public IReadOnlyList<ControllerSource> Sources { get; } =
            [new(new ResourceScope(KubernetesResources.Pods), static pod => [new ObjectName("", pod.Metadata.Labels["team"])])];

        public Func<ControllerSource, CancellationToken, ValueTask<IInformer>>? Open { get; private set; }

        public ConcurrentQueue<string> Done { get; } = new();

        public Func<int, TimeSpan?> Answer { get; set; } = static _ => null;

        public Func<CancellationToken, Task> Work { get; set; } = static _ => Task.CompletedTask;

        public int KnownAtStart { get; private set; }

        public int Attempts => Volatile.Read(ref _attempts);

        public ValueTask StartAsync(IReadOnlyList<IInformer> informers, CancellationToken cancellationToken)
        {
            KnownAtStart = informers[0].List().Count;
            return ValueTask.CompletedTask;
        }

        public void Attach(Func<ControllerSource, CancellationToken, ValueTask<IInformer>> open) => Open = open;

        public async ValueTask<TimeSpan?> ReconcileAsync(ObjectName key, CancellationToken cancellationToken)
        {
            await Work(cancellationToken);
            var answer = Answer(Interlocked.Increment(ref _attempts) - 1);
            Done.Enqueue(key.Name);
            return answer;
        }
    }
}
