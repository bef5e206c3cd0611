using System.Text.Json.Nodes;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Modular.Abstractions;
using Modular.ApiMachinery;
using Modular.Models;
using Modular.Toolkit;

namespace Modular.Plugins.Scheduling;

/// <summary>Tells the world why a pod has no node: the condition PodScheduled and an event.</summary>
internal sealed partial class VerdictWriter
{
    private const int InFlight = 8;

    private readonly Channel<Verdict> _work = Channel.CreateUnbounded<Verdict>();
    private readonly IApiClient _api;
    private readonly EventRecorder _events;
    private readonly TimeProvider _time;
    private readonly ILogger _log;

    public VerdictWriter(IApiClient api, EventRecorder events, TimeProvider time, ILogger log)
    {
        _api = api;
        _events = events;
        _time = time;
        _log = log;
    }

    /// <summary>Writes a verdict, unless it is the one the pod has.</summary>
    public void Write(PendingPod pod, string reason, string message)
    {
        if (pod.Verdict != message)
        {
            pod.Verdict = message;
            _work.Writer.TryWrite(new Verdict(pod, pod.Object, reason, message));
        }
    }

    /// <summary>Works until it is cancelled.</summary>
    public Task RunAsync(CancellationToken stop)
    {
        var workers = new Task[InFlight];
        for (var i = 0; i < workers.Length; i++)
        {
            workers[i] = WorkAsync(stop);
        }

        return Task.WhenAll(workers);
    }

    private async Task WorkAsync(CancellationToken stop)
    {
        await foreach (var verdict in _work.Reader.ReadAllAsync(stop).ConfigureAwait(false))
        {
            try
            {
                await WriteAsync(verdict, stop).ConfigureAwait(false);
            }
            catch (ApiException error) when (error.Reason == StatusReason.NotFound)
            {
                // The pod went away; nobody needs to know any more.
            }
            catch (Exception error) when (error is not OperationCanceledException || !stop.IsCancellationRequested)
            {
                LogFailure(verdict.Object.Name, error.Message);
            }
        }
    }

    private async Task WriteAsync(Verdict verdict, CancellationToken stop)
    {
        _events.Warning(verdict.Object, "FailedScheduling", verdict.Message);
        var pod = verdict.Object;
        // Several write at once: one whose verdict was followed by another must not have the last word.
        while (verdict.Pod.Verdict == verdict.Message && Condition(pod, verdict) is { } condition)
        {
            try
            {
                var status = new JsonObject { ["conditions"] = new JsonArray(condition) };
                await StatusPatch.SendIfUnchangedAsync(_api, KubernetesResources.Pods, pod, status, stop).ConfigureAwait(false);
                return;
            }
            catch (ApiException error) when (error.Reason == StatusReason.Conflict)
            {
                // A verdict must never land on a pod that got its node meanwhile.
                var name = new ResourceName(KubernetesResources.Pods, pod.Metadata.Namespace, pod.Metadata.Name);
                pod = await _api.GetAsync(name, stop).ConfigureAwait(false);
            }
        }
    }

    private JsonObject? Condition(ApiObject obj, Verdict verdict)
    {
        var pod = obj.AsPod();
        return obj.Metadata.Uid == verdict.Object.Metadata.Uid && pod.Spec.NodeName.Length == 0
            ? StatusPatch.Condition(pod.Status.Conditions, "PodScheduled", "False", verdict.Reason, verdict.Message, _time.GetUtcNow())
            : null;
    }

    [LoggerMessage(LogLevel.Warning, "the scheduling condition of pod {Pod} could not be written: {Error}")]
    private partial void LogFailure(ObjectName pod, string error);

    private readonly record struct Verdict(PendingPod Pod, ApiObject Object, string Reason, string Message);
}
