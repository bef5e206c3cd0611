using Modular.Abstractions;
using Modular.ApiMachinery;
using Modular.Models;

namespace Modular.Plugins.Controllers.ReplicationControllers;

/// <summary>Finds the pods of a controller: adopts orphans its selector matches, releases pods it no longer matches.</summary>
internal sealed class PodClaims(IApiClient api)
{
    /// <summary>The pods that belong to the controller and may still run.</summary>
    public async ValueTask<List<ApiObject>> ClaimAsync(ApiObject controller, IReadOnlyList<ApiObject> pods, CancellationToken cancellationToken)
    {
        var selector = controller.AsReplicationController().Spec.Selector;
        var mine = new List<ApiObject>();
        bool? mayAdopt = null;
        foreach (var pod in pods)
        {
            var owner = pod.Metadata.Controller;
            var matches = LabelMap.Selects(selector, pod.Metadata.Labels);
            if (owner is null)
            {
                if (!matches || pod.Metadata.DeletionTimestamp is not null || pod.AsPod().Status.IsTerminal)
                {
                    continue;
                }

                // The cache may still show a controller that is gone or going; only the API knows whether it may take on pods.
                mayAdopt ??= await IsAliveAsync(controller, cancellationToken).ConfigureAwait(false);
                if (mayAdopt.Value && await AdoptAsync(controller, pod, cancellationToken).ConfigureAwait(false) is { } adopted)
                {
                    mine.Add(adopted);
                }
            }
            else if (owner.Uid == controller.Metadata.Uid)
            {
                if (!matches)
                {
                    await ReleaseAsync(controller, pod, cancellationToken).ConfigureAwait(false);
                }
                else if (pod.Metadata.DeletionTimestamp is null && !pod.AsPod().Status.IsTerminal)
                {
                    mine.Add(pod);
                }
            }
        }

        return mine;
    }

    public static OwnerReference Owner(ApiObject controller) =>
        new(controller.Kind.ApiVersion, controller.Kind.Kind, controller.Metadata.Name, controller.Metadata.Uid)
        {
            IsController = true,
            BlockOwnerDeletion = true,
        };

    private async ValueTask<bool> IsAliveAsync(ApiObject controller, CancellationToken cancellationToken)
    {
        try
        {
            var meta = controller.Metadata;
            var name = new ResourceName(KubernetesResources.ReplicationControllers, meta.Namespace, meta.Name);
            var now = await api.GetAsync(name, cancellationToken).ConfigureAwait(false);
            return now.Metadata.Uid == meta.Uid && now.Metadata.DeletionTimestamp is null;
        }
        catch (ApiException error) when (error.Reason == StatusReason.NotFound)
        {
            return false;
        }
    }

    private async ValueTask<ApiObject?> AdoptAsync(ApiObject controller, ApiObject pod, CancellationToken cancellationToken)
    {
        try
        {
            var owners = pod.Metadata.OwnerReferences.Append(Owner(controller));
            return await OwnerReferences.SetAsync(api, KubernetesResources.Pods, pod, owners, cancellationToken).ConfigureAwait(false);
        }
        catch (ApiException error) when (error.Reason == StatusReason.NotFound)
        {
            return null;
        }
    }

    private async ValueTask ReleaseAsync(ApiObject controller, ApiObject pod, CancellationToken cancellationToken)
    {
        try
        {
            var owners = pod.Metadata.OwnerReferences.Where(o => o.Uid != controller.Metadata.Uid);
            await OwnerReferences.SetAsync(api, KubernetesResources.Pods, pod, owners, cancellationToken).ConfigureAwait(false);
        }
        catch (ApiException error) when (error.Reason == StatusReason.NotFound)
        {
            // A pod that is gone needs no release.
        }
    }
}
