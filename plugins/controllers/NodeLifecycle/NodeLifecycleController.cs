using System.Text.Json.Nodes;
using Modular.Abstractions;
using Modular.ApiMachinery;
using Modular.Models;
using Modular.Toolkit;

namespace Modular.Plugins.Controllers.NodeLifecycle;

/// <summary>
/// Notices nodes that fell silent: their conditions become Unknown, they are tainted, their pods are no longer ready. Removes pods of
/// nodes that no longer exist.
/// </summary>
internal sealed class NodeLifecycleController : IController
{
    private const string LeaseNamespace = "kube-node-lease";

    private readonly IApiClient _api;
    private readonly TimeProvider _time;
    private readonly ControllersOptions _options;
    private readonly NodeHealth _health;
    private readonly NodeTaints _taints;
    private IInformer? _nodes;
    private IInformer? _leases;
    private IInformer? _pods;

    public NodeLifecycleController(IApiClient api, TimeProvider time, ControllersOptions options)
    {
        _api = api;
        _time = time;
        _options = options;
        _health = new NodeHealth(time);
        _taints = new NodeTaints(api, time);
        Sources =
        [
            new ControllerSource(new ResourceScope(KubernetesResources.Nodes), static node => [node.Name]),
            new ControllerSource(new ResourceScope(KubernetesResources.Leases) { Namespace = LeaseNamespace },
                static lease => [new ObjectName("", lease.Metadata.Name)]),
            new ControllerSource(new ResourceScope(KubernetesResources.Pods), PodsOfAbsentNodes),
        ];
    }

    public string Name => "node-lifecycle";

    public IReadOnlyList<ControllerSource> Sources { get; }

    public int Workers => 2;

    public ValueTask StartAsync(IReadOnlyList<IInformer> informers, CancellationToken cancellationToken)
    {
        _nodes = informers[0];
        _leases = informers[1];
        _pods = informers[2];
        return ValueTask.CompletedTask;
    }

    public async ValueTask<TimeSpan?> ReconcileAsync(ObjectName key, CancellationToken cancellationToken)
    {
        if (_nodes!.Get("", key.Name) is not { } obj)
        {
            return await RemovePodsAsync(key.Name, cancellationToken).ConfigureAwait(false);
        }

        var node = obj.AsNode();
        var silentFor = _health.SilentFor(key.Name, node, _leases!.Get(LeaseNamespace, key.Name)?.AsLease());
        var isSilent = silentFor >= _options.NodeGrace;
        if (isSilent)
        {
            await MarkUnknownAsync(obj, cancellationToken).ConfigureAwait(false);
        }

        var ready = isSilent ? "Unknown" : Condition.Find(node.Status.Conditions, "Ready")?.Status ?? "";
        await _taints.SetAsync(obj, ready, cancellationToken).ConfigureAwait(false);
        if (ready is "Unknown" or "False")
        {
            await MarkPodsNotReadyAsync(key.Name, cancellationToken).ConfigureAwait(false);
        }

        return isSilent ? null : _options.NodeGrace - silentFor;
    }

    private ObjectName[] PodsOfAbsentNodes(ApiObject pod)
    {
        var node = pod.AsPod().Spec.NodeName;
        return node.Length > 0 && (_nodes is null || _nodes.Get("", node) is null) ? [new ObjectName("", node)] : [];
    }

    private async ValueTask MarkUnknownAsync(ApiObject obj, CancellationToken cancellationToken)
    {
        var present = obj.AsNode().Status.Conditions;
        var changed = new JsonArray();
        foreach (var type in (string[])["Ready", "MemoryPressure", "DiskPressure", "PIDPressure"])
        {
            var condition = Condition.Find(present, type);
            if (condition?.Status == "Unknown")
            {
                continue;
            }

            var (reason, message) = condition is null
                ? ("NodeStatusNeverUpdated", "Kubelet never posted node status.")
                : ("NodeStatusUnknown", "Kubelet stopped posting node status.");
            if (StatusPatch.Condition(present, type, "Unknown", reason, message, _time.GetUtcNow()) is { } unknown)
            {
                changed.Add((JsonNode)unknown);
            }
        }

        if (changed.Count > 0)
        {
            var name = new ResourceName(KubernetesResources.Nodes, "", obj.Metadata.Name);
            await StatusPatch.SendAsync(_api, name, new JsonObject { ["conditions"] = changed }, cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask MarkPodsNotReadyAsync(string node, CancellationToken cancellationToken)
    {
        foreach (var obj in _pods!.List())
        {
            var pod = obj.AsPod();
            if (pod.Spec.NodeName != node || !pod.Status.IsReady
                || StatusPatch.Condition(pod.Status.Conditions, "Ready", "False", "NodeNotReady", "Node is not ready", _time.GetUtcNow()) is not { } ready)
            {
                continue;
            }

            try
            {
                var status = new JsonObject { ["conditions"] = new JsonArray(ready) };
                await StatusPatch.SendIfUnchangedAsync(_api, KubernetesResources.Pods, obj, status, cancellationToken).ConfigureAwait(false);
            }
            catch (ApiException error) when (error.Reason == StatusReason.NotFound)
            {
                // A pod that is gone is not ready either.
            }
        }
    }

    private async ValueTask<TimeSpan?> RemovePodsAsync(string node, CancellationToken cancellationToken)
    {
        var orphans = _pods!.List().Where(p => p.AsPod().Spec.NodeName == node).ToList();
        if (orphans.Count == 0)
        {
            _health.Forget(node);
            return null;
        }

        var absentFor = _health.AbsentFor(node);
        if (absentFor < _options.AbsentNodeGrace)
        {
            return _options.AbsentNodeGrace - absentFor;
        }

        foreach (var pod in orphans)
        {
            try
            {
                var name = new ResourceName(KubernetesResources.Pods, pod.Metadata.Namespace, pod.Metadata.Name);
                var options = new DeleteOptions { GracePeriodSeconds = 0, Uid = pod.Metadata.Uid };
                await _api.DeleteAsync(name, options, cancellationToken).ConfigureAwait(false);
            }
            catch (ApiException error) when (error.Reason == StatusReason.NotFound)
            {
                // Gone already.
            }
        }

        return null;
    }
}
