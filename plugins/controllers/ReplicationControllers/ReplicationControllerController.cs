using System.Text.Json.Nodes;
using Modular.Abstractions;
using Modular.ApiMachinery;
using Modular.Models;
using Modular.Toolkit;

namespace Modular.Plugins.Controllers.ReplicationControllers;

/// <summary>Keeps as many pods as a replication controller wants.</summary>
internal sealed class ReplicationControllerController : IController
{
    private const int MostAtOnce = 500;
    private const string ReplicationControllerKind = "ReplicationController";
    private static readonly TimeSpan LongestLag = TimeSpan.FromSeconds(5);

    private readonly IApiClient _api;
    private readonly EventRecorder _events;
    private readonly Expectations _expectations;
    private readonly PodClaims _claims;
    private readonly ReplicationControllerStatusWriter _status;
    private IInformer? _controllers;
    private IInformer? _pods;

    public ReplicationControllerController(IApiClient api, EventRecorder events, TimeProvider time)
    {
        _api = api;
        _events = events;
        _expectations = new Expectations(time);
        _claims = new PodClaims(api);
        _status = new ReplicationControllerStatusWriter(api, time);
        Sources =
        [
            new ControllerSource(new ResourceScope(KubernetesResources.ReplicationControllers), static rc => [rc.Name]),
            new ControllerSource(new ResourceScope(KubernetesResources.Pods), ControllersOf),
        ];
    }

    public string Name => "replication-controller";

    public IReadOnlyList<ControllerSource> Sources { get; }

    public int Workers => 4;

    public ValueTask StartAsync(IReadOnlyList<IInformer> informers, CancellationToken cancellationToken)
    {
        _controllers = informers[0];
        _pods = informers[1];
        return ValueTask.CompletedTask;
    }

    public async ValueTask<TimeSpan?> ReconcileAsync(ObjectName key, CancellationToken cancellationToken)
    {
        if (_controllers!.Get(key.Namespace, key.Name) is not { } controller)
        {
            _expectations.Forget(key);
            return null;
        }

        if (controller.Metadata.DeletionTimestamp is not null)
        {
            return null;
        }

        if (!_expectations.AreMet(key, name => _pods!.Get(name.Namespace, name.Name)))
        {
            // The view is that of the past; the event that completes it wakes the key.
            await AskForUnseenAsync(key, cancellationToken).ConfigureAwait(false);
            return LongestLag;
        }

        var pods = await _claims.ClaimAsync(controller, _pods!.List(key.Namespace), cancellationToken).ConfigureAwait(false);
        var missing = (controller.AsReplicationController().Spec.Replicas ?? 1) - pods.Count;
        var error = missing switch
        {
            > 0 => await CreateAsync(key, controller, Math.Min(missing, MostAtOnce), cancellationToken).ConfigureAwait(false),
            < 0 => await DeleteAsync(key, controller, pods, Math.Min(-missing, MostAtOnce), cancellationToken).ConfigureAwait(false),
            _ => null,
        };
        var reason = error is null ? "" : missing > 0 ? "FailedCreate" : "FailedDelete";
        var again = await _status.WriteAsync(controller, pods, reason, error?.Message ?? "", cancellationToken).ConfigureAwait(false);
        return error is null || NamespaceTermination.IsCauseOf(error) ? again : throw error;
    }

    /// <summary>A pod that came and went while the informer lagged shows in no event; the API knows that it is gone.</summary>
    private async ValueTask AskForUnseenAsync(ObjectName key, CancellationToken cancellationToken)
    {
        foreach (var (uid, pod) in _expectations.Unseen(key))
        {
            try
            {
                var name = new ResourceName(KubernetesResources.Pods, pod.Namespace, pod.Name);
                if ((await _api.GetAsync(name, cancellationToken).ConfigureAwait(false)).Metadata.Uid == uid)
                {
                    continue;
                }
            }
            catch (ApiException error) when (error.Reason == StatusReason.NotFound)
            {
                // Gone, as suspected.
            }

            _expectations.Saw(key, uid);
        }
    }

    private IEnumerable<ObjectName> ControllersOf(ApiObject pod)
    {
        if (pod.Metadata.Controller is { } owner)
        {
            if (owner is not { Kind: ReplicationControllerKind, ApiVersion: "v1" })
            {
                return [];
            }

            var key = new ObjectName(pod.Metadata.Namespace, owner.Name);
            _expectations.Saw(key, pod.Metadata.Uid);
            return [key];
        }

        // Before the start every controller is looked at anyway.
        return _controllers is null
            ? []
            : _controllers.List(pod.Metadata.Namespace)
                .Where(rc => LabelMap.Selects(rc.AsReplicationController().Spec.Selector, pod.Metadata.Labels))
                .Select(rc => rc.Name);
    }

    /// <summary>Creates pods in batches that double, so that a refusal costs one request and not hundreds.</summary>
    private async ValueTask<ApiException?> CreateAsync(ObjectName key, ApiObject controller, int count, CancellationToken cancellationToken)
    {
        _expectations.Begin(key);
        var pod = Template(controller);
        for (var (batch, left) = (1, count); left > 0; left -= batch, batch *= 2)
        {
            var requests = new Task<ApiException?>[Math.Min(batch, left)];
            for (var i = 0; i < requests.Length; i++)
            {
                requests[i] = CreateOneAsync(key, controller, pod.DeepClone().AsObject(), cancellationToken);
            }

            foreach (var error in await Task.WhenAll(requests).ConfigureAwait(false))
            {
                if (error is not null)
                {
                    return error;
                }
            }
        }

        return null;
    }

    private async Task<ApiException?> CreateOneAsync(ObjectName key, ApiObject controller, JsonObject pod, CancellationToken cancellationToken)
    {
        try
        {
            var created = await _api.CreateAsync(KubernetesResources.Pods, key.Namespace, pod, cancellationToken).ConfigureAwait(false);
            _expectations.Created(key, created);
            _events.Normal(controller, "SuccessfulCreate", $"Created pod: {created.Metadata.Name}");
            return null;
        }
        catch (ApiException error)
        {
            if (!NamespaceTermination.IsCauseOf(error))
            {
                _events.Warning(controller, "FailedCreate", $"Error creating: {error.Message}");
            }

            return error;
        }
    }

    private async ValueTask<ApiException?> DeleteAsync(
        ObjectName key, ApiObject controller, List<ApiObject> pods, int count, CancellationToken cancellationToken)
    {
        _expectations.Begin(key);
        var ranked = new List<ApiObject>(pods);
        ranked.Sort(PodRanking.Instance);
        var requests = new Task<ApiException?>[count];
        for (var i = 0; i < count; i++)
        {
            requests[i] = DeleteOneAsync(key, controller, ranked[i], cancellationToken);
        }

        foreach (var error in await Task.WhenAll(requests).ConfigureAwait(false))
        {
            if (error is not null)
            {
                return error;
            }
        }

        return null;
    }

    private async Task<ApiException?> DeleteOneAsync(ObjectName key, ApiObject controller, ApiObject pod, CancellationToken cancellationToken)
    {
        try
        {
            var name = new ResourceName(KubernetesResources.Pods, pod.Metadata.Namespace, pod.Metadata.Name);
            _expectations.Deleted(key, pod);
            await _api.DeleteAsync(name, new DeleteOptions { Uid = pod.Metadata.Uid }, cancellationToken).ConfigureAwait(false);
            _events.Normal(controller, "SuccessfulDelete", $"Deleted pod: {pod.Metadata.Name}");
            return null;
        }
        catch (ApiException error) when (error.Reason == StatusReason.NotFound)
        {
            return null;
        }
        catch (ApiException error)
        {
            _expectations.NotDeleted(key, pod);
            _events.Warning(controller, "FailedDelete", $"Error deleting: {error.Message}");
            return error;
        }
    }

    private static JsonObject Template(ApiObject controller)
    {
        var template = controller.ToJsonObject()["spec"]?["template"] as JsonObject ?? [];
        var metadata = new JsonObject { ["generateName"] = $"{controller.Metadata.Name}-" };
        foreach (var member in (string[])["labels", "annotations", "finalizers"])
        {
            if (template["metadata"]?[member] is { } value)
            {
                metadata[member] = value.DeepClone();
            }
        }

        metadata["ownerReferences"] = new JsonArray(OwnerReferences.ToJson(PodClaims.Owner(controller)));
        return new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Pod",
            ["metadata"] = metadata,
            ["spec"] = template["spec"]?.DeepClone() ?? new JsonObject(),
        };
    }
}
