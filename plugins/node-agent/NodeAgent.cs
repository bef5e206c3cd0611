using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Modular.Abstractions;
using Modular.ApiMachinery;
using Modular.Models;
using Modular.Plugins.NodeAgent.Containers;
using Modular.Plugins.NodeAgent.Pods;
using Modular.Plugins.NodeAgent.Probes;

namespace Modular.Plugins.NodeAgent;

/// <summary>Gives every pod of this node a worker, and clears away what belongs to no pod.</summary>
internal sealed partial class NodeAgent(AgentServices services) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, PodWorker> _workers = new(StringComparer.Ordinal);
    private readonly TaskCompletionSource _listed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ProbeAction _probes = new(services.Runtime, services.Time);
    private volatile bool _hasStopped;

    /// <summary>Whether another agent looks after the pods: of them this one learns only what the runtime tells.</summary>
    public bool HasStopped => _hasStopped;

    /// <summary>The worker of a pod by its name; null if the pod is not on this node. An agent that has only just started first learns which pods there are.</summary>
    public async ValueTask<PodWorker?> FindAsync(string ns, string name, CancellationToken cancellationToken)
    {
        if (Find(ns, name) is not { } worker)
        {
            await _listed.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
            worker = Find(ns, name);
        }

        return worker;
    }

    private PodWorker? Find(string ns, string name) =>
        _workers.Values.FirstOrDefault(worker => worker.Pod.Metadata.Namespace == ns && worker.Pod.Metadata.Name == name);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        services.Runtime.Changed += Wake;
        try
        {
            await services.Runtime.Listed.WaitAsync(cancellationToken).ConfigureAwait(false);
            if (services.Runtime.Info is { Limitation.Length: > 0 } info)
            {
                LogLimitation(info.Name, info.Mode, info.Limitation);
            }

            await LoadAttachmentsAsync(cancellationToken).ConfigureAwait(false);
            await using var pods = await OpenAsync(cancellationToken).ConfigureAwait(false);
            await foreach (var change in pods.ReadEventsAsync(cancellationToken).ConfigureAwait(false))
            {
                await ApplyAsync(change, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // The agent stops; the containers go on.
        }
        finally
        {
            services.Runtime.Changed -= Wake;
            _hasStopped = true;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var worker in _workers.Values)
        {
            await worker.DisposeAsync().ConfigureAwait(false);
        }

        _workers.Clear();
        _probes.Dispose();
    }

    private async ValueTask LoadAttachmentsAsync(CancellationToken cancellationToken)
    {
        try
        {
            await services.Attachments.LoadAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is RuntimeException or ContractUnavailableException)
        {
            // Each pod asks again and reports it.
            LogNoNetwork(exception.Message);
        }
    }

    private async ValueTask<IInformer> OpenAsync(CancellationToken cancellationToken)
    {
        var scope = new ResourceScope(KubernetesResources.Pods) { FieldSelector = $"spec.nodeName={services.NodeName}" };
        while (true)
        {
            try
            {
                return await services.Api.OpenInformerAsync(scope, cancellationToken).ConfigureAwait(false);
            }
            catch (ApiException exception)
            {
                // The kinds may come after the agent.
                LogNoPods(exception.Message);
                await Task.Delay(TimeSpan.FromSeconds(1), services.Time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async ValueTask ApplyAsync(WatchEvent change, CancellationToken cancellationToken)
    {
        switch (change.Type)
        {
            case WatchEventType.Bookmark:
                _listed.TrySetResult();
                await RemoveOrphansAsync(cancellationToken).ConfigureAwait(false);
                break;
            case WatchEventType.Deleted:
                if (_workers.TryGetValue(change.Object.Metadata.Uid, out var gone))
                {
                    gone.Remove();
                }

                break;
            default:
                if (_workers.TryGetValue(change.Object.Metadata.Uid, out var worker))
                {
                    worker.Update(change.Object);
                }
                else
                {
                    Add(change.Object);
                }

                break;
        }
    }

    private void Add(ApiObject pod)
    {
        // A pod that takes an earlier one's name says that the earlier one is gone.
        Find(pod.Metadata.Namespace, pod.Metadata.Name)?.Remove();
        var worker = new PodWorker(services, _probes, pod);
        _workers[pod.Metadata.Uid] = worker;
        worker.Start();
        _ = ForgetAsync(pod.Metadata.Uid, worker);
    }

    private async Task ForgetAsync(string uid, PodWorker worker)
    {
        await worker.Completion.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        // A worker that ended because the agent stops is disposed of there.
        if (_workers.TryRemove(KeyValuePair.Create(uid, worker)))
        {
            await worker.DisposeAsync().ConfigureAwait(false);
        }
    }

    private void Wake(string? sandboxId)
    {
        if (sandboxId is not null)
        {
            if (_workers.TryGetValue(sandboxId, out var worker))
            {
                worker.Wake();
            }

            return;
        }

        foreach (var worker in _workers.Values)
        {
            worker.Wake();
        }
    }

    private async ValueTask RemoveOrphansAsync(CancellationToken cancellationToken)
    {
        try
        {
            await services.Runtime.RefreshAsync(cancellationToken).ConfigureAwait(false);
            foreach (var sandbox in services.Runtime.Sandboxes().Where(IsOrphan))
            {
                await services.Runtime.CallAsync(runtime => runtime.StopSandboxAsync(sandbox.Id, cancellationToken)).ConfigureAwait(false);
                await services.Runtime.CallAsync(runtime => runtime.RemoveSandboxAsync(sandbox.Id, cancellationToken)).ConfigureAwait(false);
                LogOrphan(sandbox.Spec.PodNamespace, sandbox.Spec.PodName);
            }

            await services.Attachments.DetachOthersAsync(_workers.ContainsKey, cancellationToken).ConfigureAwait(false);
            foreach (var uid in services.Directories.Pods().Where(uid => !_workers.ContainsKey(uid)))
            {
                services.Directories.Remove(uid);
            }
        }
        catch (Exception exception) when (exception is RuntimeException or ContractUnavailableException or IOException)
        {
            LogOrphansLeft(exception.Message);
        }
    }

    private bool IsOrphan(SandboxState sandbox) =>
        !_workers.ContainsKey(sandbox.Spec.PodUid) && !SandboxLabels.BelongsToAnother(sandbox, services.NodeName);

    [LoggerMessage(LogLevel.Information, "runtime {Runtime}, mode {Mode}: {Limitation}")]
    private static partial void LogLimitation(ILogger logger, string runtime, string mode, string limitation);

    private void LogLimitation(string runtime, string mode, string limitation) => LogLimitation(services.Log, runtime, mode, limitation);

    [LoggerMessage(LogLevel.Warning, "pods can't be watched yet: {Error}")]
    private static partial void LogNoPods(ILogger logger, string error);

    private void LogNoPods(string error) => LogNoPods(services.Log, error);

    [LoggerMessage(LogLevel.Warning, "the pod network does not answer: {Error}")]
    private static partial void LogNoNetwork(ILogger logger, string error);

    private void LogNoNetwork(string error) => LogNoNetwork(services.Log, error);

    [LoggerMessage(LogLevel.Information, "removed what was left of pod {Namespace}/{Pod}, which was deleted meanwhile")]
    private static partial void LogOrphan(ILogger logger, string @namespace, string pod);

    private void LogOrphan(string ns, string pod) => LogOrphan(services.Log, ns, pod);

    [LoggerMessage(LogLevel.Warning, "what is left of deleted pods could not be removed: {Error}")]
    private static partial void LogOrphansLeft(ILogger logger, string error);

    private void LogOrphansLeft(string error) => LogOrphansLeft(services.Log, error);
}
