using System.Text.Json;
using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Columns;

/// <summary>What a pod as a whole is doing, told from the states of its containers.</summary>
internal sealed class PodSummary
{
    private long _restarts;
    private DateTimeOffset? _lastRestart;

    private PodSummary(JsonElement pod)
    {
        Containers = TableCells.CountOf(pod, "spec.containers");
        Reason = pod.GetString("status.reason") is { Length: > 0 } reason ? reason : pod.GetString("status.phase") ?? "";
        if (pod.Entries("status.conditions").Any(c => c.GetString("type") == "PodScheduled" && c.GetString("reason") == "SchedulingGated"))
        {
            Reason = "SchedulingGated";
        }
    }

    public int Containers { get; private set; }

    public int ReadyContainers { get; private set; }

    public string Reason { get; private set; }

    public static PodSummary Of(JsonElement pod)
    {
        var summary = new PodSummary(pod);
        var initializing = summary.ReadInitContainers(pod);
        if (!initializing || IsTrue(pod, "Initialized"))
        {
            summary.ReadContainers(pod);
        }

        summary.ReadDeletion(pod);
        return summary;
    }

    public string RestartsAt(DateTimeOffset now) =>
        _restarts > 0 && _lastRestart is { } last ? $"{_restarts} ({HumanDuration.Between(last, now)} ago)" : $"{_restarts}";

    /// <summary>True if the pod's own containers wait for one of these.</summary>
    private bool ReadInitContainers(JsonElement pod)
    {
        var restartable = pod.Entries("spec.initContainers")
            .Where(container => container.GetString("restartPolicy") == "Always")
            .Select(container => container.GetString("name"))
            .ToHashSet();
        Containers += restartable.Count;
        var initializing = false;
        var (index, count) = (0, TableCells.CountOf(pod, "spec.initContainers"));
        foreach (var status in pod.Entries("status.initContainerStatuses"))
        {
            var isSidecar = restartable.Contains(status.GetString("name"));
            CountRestarts(status);
            var ready = status.GetBoolean("ready") is true;
            if (isSidecar && ready)
            {
                ReadyContainers++;
            }

            // Only the first one that is not done tells what the pod waits for.
            if (!initializing && !IsDone(status, isSidecar))
            {
                Reason = InitReason(status, index, count);
                initializing = true;
            }

            index++;
        }

        return initializing;
    }

    private static bool IsDone(JsonElement status, bool isSidecar) =>
        status.GetInt64("state.terminated.exitCode") == 0
        || (status.Get("state.terminated").ValueKind == JsonValueKind.Undefined && isSidecar && status.GetBoolean("started") is true);

    private static string InitReason(JsonElement status, int index, int count)
    {
        if (status.Get("state.terminated") is { ValueKind: JsonValueKind.Object } terminated)
        {
            return "Init:" + EndOf(terminated);
        }

        return status.GetString("state.waiting.reason") is { Length: > 0 } reason and not "PodInitializing"
            ? "Init:" + reason
            : $"Init:{index}/{count}";
    }

    private void ReadContainers(JsonElement pod)
    {
        // The first container that waits or ended tells the most, so it has the last word.
        var running = false;
        foreach (var status in pod.Entries("status.containerStatuses").Reverse())
        {
            CountRestarts(status);
            if (status.GetString("state.waiting.reason") is { Length: > 0 } waiting)
            {
                Reason = waiting;
            }
            else if (status.Get("state.terminated") is { ValueKind: JsonValueKind.Object } terminated)
            {
                Reason = EndOf(terminated);
            }
            else if (status.GetBoolean("ready") is true && status.Get("state.running").ValueKind == JsonValueKind.Object)
            {
                running = true;
                ReadyContainers++;
            }
        }

        if (Reason == "Completed" && running)
        {
            Reason = IsTrue(pod, "Ready") ? "Running" : "NotReady";
        }
    }

    private void ReadDeletion(JsonElement pod)
    {
        if (pod.GetString("metadata.deletionTimestamp") is null)
        {
            return;
        }

        if (pod.GetString("status.reason") == "NodeLost")
        {
            Reason = "Unknown";
        }
        else if (pod.GetString("status.phase") is not ("Succeeded" or "Failed"))
        {
            Reason = "Terminating";
        }
    }

    private void CountRestarts(JsonElement status)
    {
        _restarts += status.GetInt64("restartCount") ?? 0;
        if (status.GetString("lastState.terminated.finishedAt") is { } text
            && KubernetesTime.TryParse(text, out var time)
            && (_lastRestart is null || time > _lastRestart))
        {
            _lastRestart = time;
        }
    }

    private static string EndOf(JsonElement terminated)
    {
        if (terminated.GetString("reason") is { Length: > 0 } reason)
        {
            return reason;
        }

        return terminated.GetInt64("signal") is { } signal and not 0
            ? $"Signal:{signal}"
            : $"ExitCode:{terminated.GetInt64("exitCode") ?? 0}";
    }

    private static bool IsTrue(JsonElement pod, string condition) =>
        pod.Entries("status.conditions").Any(c => c.GetString("type") == condition && c.GetString("status") == "True");
}
