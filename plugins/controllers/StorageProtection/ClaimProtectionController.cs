using Modular.Abstractions;
using Modular.ApiMachinery;
using Modular.Models;
using Modular.Toolkit;

namespace Modular.Plugins.Controllers.StorageProtection;

/// <summary>Lets a claim that is being deleted go once no pod uses it.</summary>
internal sealed class ClaimProtectionController(IApiClient api) : IController
{
    private const string Finalizer = "kubernetes.io/pvc-protection";

    private IInformer? _claims;
    private IInformer? _pods;

    public string Name => "pvc-protection";

    public IReadOnlyList<ControllerSource> Sources { get; } =
    [
        new(new ResourceScope(KubernetesResources.PersistentVolumeClaims), static claim => [claim.Name]),
        new(new ResourceScope(KubernetesResources.Pods), static pod => [.. ClaimsOf(pod.AsPod()).Select(claim => new ObjectName(pod.Metadata.Namespace, claim))]),
    ];

    public ValueTask StartAsync(IReadOnlyList<IInformer> informers, CancellationToken cancellationToken)
    {
        (_claims, _pods) = (informers[0], informers[1]);
        return ValueTask.CompletedTask;
    }

    public async ValueTask<TimeSpan?> ReconcileAsync(ObjectName key, CancellationToken cancellationToken)
    {
        if (_claims!.Get(key.Namespace, key.Name) is not { Metadata.DeletionTimestamp: not null } claim
            || !claim.Metadata.Finalizers.Contains(Finalizer)
            || _pods!.List(key.Namespace).Any(pod => Uses(pod, key.Name)))
        {
            return null;
        }

        // A pod that was made just now may not have been seen yet; the API has it.
        var pods = await api.ListAsync(new ResourceScope(KubernetesResources.Pods) { Namespace = key.Namespace }, cancellationToken).ConfigureAwait(false);
        if (pods.Items.Any(pod => Uses(pod, key.Name)))
        {
            return null;
        }

        try
        {
            await OwnerReferences.RemoveFinalizerAsync(api, KubernetesResources.PersistentVolumeClaims, claim, Finalizer, cancellationToken).ConfigureAwait(false);
        }
        catch (ApiException error) when (error.Reason == StatusReason.NotFound)
        {
            // It is gone already.
        }

        return null;
    }

    /// <summary>A pod without a node has mounted nothing, and one that has ended no longer does.</summary>
    private static bool Uses(ApiObject obj, string claim)
    {
        var pod = obj.AsPod();
        return pod.Spec.NodeName.Length > 0 && !pod.Status.IsTerminal && ClaimsOf(pod).Contains(claim);
    }

    private static IEnumerable<string> ClaimsOf(Pod pod) =>
        pod.Spec.Volumes.Select(static volume => volume.PersistentVolumeClaim?.ClaimName ?? "").Where(static claim => claim.Length > 0);
}
