using System.Text.Json.Nodes;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Modular.Abstractions;
using Modular.ApiMachinery;
using Modular.Models;
using Modular.Toolkit;

namespace Modular.Plugins.Scheduling;

/// <summary>
/// Writes bindings to the API, several at a time, and tells the driver how each ended. When a failure leaves that open, the pod itself
/// is asked, so that a reservation is never given up for a pod that is bound after all.
/// </summary>
internal sealed partial class BindingWriter
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(10);

    private readonly Channel<Binding> _work = Channel.CreateUnbounded<Binding>();
    private readonly ChannelWriter<DriverMessage> _driver;
    private readonly IApiClient _api;
    private readonly EventRecorder _events;
    private readonly TimeProvider _time;
    private readonly SchedulingMetrics _metrics;
    private readonly ILogger _log;

    public BindingWriter(
        IApiClient api, EventRecorder events, ChannelWriter<DriverMessage> driver, TimeProvider time, SchedulingMetrics metrics, ILogger log)
    {
        _api = api;
        _events = events;
        _driver = driver;
        _time = time;
        _metrics = metrics;
        _log = log;
    }

    /// <summary>Queues a binding.</summary>
    /// <param name="pod">The pod.</param>
    /// <param name="node">Its node.</param>
    /// <param name="scheduler">The plugin that decided so; the event tells.</param>
    public void Bind(PendingPod pod, string node, string scheduler) => _work.Writer.TryWrite(new Binding(pod, pod.Object, node, scheduler));

    /// <summary>Works until it is cancelled.</summary>
    public Task RunAsync(int inFlight, CancellationToken stop)
    {
        var workers = new Task[inFlight];
        for (var i = 0; i < workers.Length; i++)
        {
            workers[i] = WorkAsync(stop);
        }

        return Task.WhenAll(workers);
    }

    private async Task WorkAsync(CancellationToken stop)
    {
        await foreach (var binding in _work.Reader.ReadAllAsync(stop).ConfigureAwait(false))
        {
            var outcome = await WriteAsync(binding, stop).ConfigureAwait(false);
            _metrics.Bound(outcome == DriverNews.Bound);
            _driver.TryWrite(new DriverMessage(outcome, Pod: binding.Pod));
            if (outcome == DriverNews.Bound)
            {
                var meta = binding.Object.Metadata;
                _events.Normal(binding.Object, "Scheduled", $"Successfully assigned {meta.Namespace}/{meta.Name} to {binding.Node} by {binding.Scheduler}");
            }
        }
    }

    private async Task<DriverNews> WriteAsync(Binding binding, CancellationToken stop)
    {
        var meta = binding.Object.Metadata;
        var name = new ResourceName(KubernetesResources.Pods, meta.Namespace, meta.Name);
        try
        {
            await _api.CreateAsync(name, "binding", Body(meta, binding.Node), stop).ConfigureAwait(false);
            return DriverNews.Bound;
        }
        catch (Exception error) when (error is not OperationCanceledException || !stop.IsCancellationRequested)
        {
            LogFailure(binding.Object.Name, binding.Node, error.Message);
            return await AskAsync(name, binding, stop).ConfigureAwait(false);
        }
    }

    private async Task<DriverNews> AskAsync(ResourceName name, Binding binding, CancellationToken stop)
    {
        for (var failures = 0; ; failures++)
        {
            try
            {
                var pod = await _api.GetAsync(name, stop).ConfigureAwait(false);
                if (pod.Metadata.Uid != binding.Object.Metadata.Uid)
                {
                    return DriverNews.BindingObsolete;
                }

                var node = pod.AsPod().Spec.NodeName;
                return node.Length == 0 ? DriverNews.NotBound
                    : node == binding.Node ? DriverNews.Bound
                    : DriverNews.BindingObsolete;
            }
            catch (ApiException error) when (error.Reason is StatusReason.NotFound or StatusReason.Gone)
            {
                return DriverNews.BindingObsolete;
            }
            catch (Exception error) when (error is not OperationCanceledException || !stop.IsCancellationRequested)
            {
                await Task.Delay(BackOffDelay.After(FirstRetry, LongestRetry, failures), _time, stop).ConfigureAwait(false);
            }
        }
    }

    private static JsonObject Body(ObjectMeta meta, string node) => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "Binding",
        ["metadata"] = new JsonObject { ["name"] = meta.Name, ["namespace"] = meta.Namespace, ["uid"] = meta.Uid },
        ["target"] = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Node", ["name"] = node },
    };

    [LoggerMessage(LogLevel.Warning, "pod {Pod} could not be bound to node {Node}: {Error}")]
    private partial void LogFailure(ObjectName pod, string node, string error);

    private readonly record struct Binding(PendingPod Pod, ApiObject Object, string Node, string Scheduler);
}
