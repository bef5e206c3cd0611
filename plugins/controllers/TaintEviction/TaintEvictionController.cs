using System.Text.Json.Nodes;
using Modular.Abstractions;
using Modular.ApiMachinery;
using Modular.Models;
using Modular.Toolkit;

namespace Modular.Plugins.Controllers.TaintEviction;

/// <summary>Deletes pods from nodes whose NoExecute taints they do not bear, or do not bear for ever.</summary>
internal sealed class TaintEvictionController : IController
{
    private const string Reason = "TaintManagerEviction";

    private readonly IApiClient _api;
    private readonly EventRecorder _events;
    private readonly TimeProvider _time;
    // When each pod that will have to go was first seen on a tainted node. One worker: no lock.
    private readonly Dictionary<ObjectName, (string Uid, DateTimeOffset Since)> _doomed = [];
    private IInformer? _nodes;
    private IInformer? _pods;

    public TaintEvictionController(IApiClient api, EventRecorder events, TimeProvider time)
    {
        _api = api;
        _events = events;
        _time = time;
        Sources =
        [
            new ControllerSource(new ResourceScope(KubernetesResources.Nodes), PodsOfTaintedNode),
            new ControllerSource(new ResourceScope(KubernetesResources.Pods), static pod => [pod.Name]),
        ];
    }

    public string Name => "taint-eviction";

    public IReadOnlyList<ControllerSource> Sources { get; }

    public ValueTask StartAsync(IReadOnlyList<IInformer> informers, CancellationToken cancellationToken)
    {
        _nodes = informers[0];
        _pods = informers[1];
        return ValueTask.CompletedTask;
    }

    public async ValueTask<TimeSpan?> ReconcileAsync(ObjectName key, CancellationToken cancellationToken)
    {
        var obj = _pods!.Get(key.Namespace, key.Name);
        var pod = obj?.AsPod();
        if (obj is null || obj.Metadata.DeletionTimestamp is not null || pod!.Status.IsTerminal || pod.Spec.NodeName.Length == 0)
        {
            _doomed.Remove(key);
            return null;
        }

        var taints = _nodes!.Get("", pod.Spec.NodeName)?.AsNode().Spec.Taints ?? [];
        if (TaintPatience.Of(pod.Spec.Tolerations, taints) is not { } patience)
        {
            Spare(key, obj);
            return null;
        }

        var now = _time.GetUtcNow();
        if (!_doomed.TryGetValue(key, out var known) || known.Uid != obj.Metadata.Uid)
        {
            _doomed[key] = known = (obj.Metadata.Uid, now);
        }

        if (known.Since + patience > now)
        {
            return known.Since + patience - now;
        }

        await EvictAsync(obj, pod, cancellationToken).ConfigureAwait(false);
        return null;
    }

    private IEnumerable<ObjectName> PodsOfTaintedNode(ApiObject node) =>
        _pods is null || !node.AsNode().Spec.Taints.Any(taint => taint.Effect == TaintPatience.NoExecute)
            ? []
            : _pods.List().Where(pod => pod.AsPod().Spec.NodeName == node.Metadata.Name).Select(pod => pod.Name);

    private void Spare(ObjectName key, ApiObject pod)
    {
        if (_doomed.Remove(key))
        {
            _events.Normal(pod, Reason, $"Cancelling deletion of Pod {key.Namespace}/{key.Name}");
        }
    }

    private async ValueTask EvictAsync(ApiObject obj, Pod pod, CancellationToken cancellationToken)
    {
        var name = new ResourceName(KubernetesResources.Pods, obj.Metadata.Namespace, obj.Metadata.Name);
        _events.Normal(obj, Reason, $"Marking for deletion Pod {name.Namespace}/{name.Name}");
        try
        {
            if (StatusPatch.Condition(
                pod.Status.Conditions, "DisruptionTarget", "True", "DeletionByTaintManager", "Taint manager: deleting due to NoExecute taint",
                _time.GetUtcNow()) is { } condition)
            {
                var status = new JsonObject { ["conditions"] = new JsonArray(condition) };
                await StatusPatch.SendAsync(_api, name, status, cancellationToken).ConfigureAwait(false);
            }

            await _api.DeleteAsync(name, new DeleteOptions { Uid = obj.Metadata.Uid }, cancellationToken).ConfigureAwait(false);
        }
        catch (ApiException error) when (error.Reason is StatusReason.NotFound)
        {
            // Gone already.
        }
    }
}
