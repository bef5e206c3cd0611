using Modular.Abstractions;
using Modular.ApiMachinery;
using Modular.Models;
using Modular.Toolkit;

namespace Modular.Plugins.Controllers.StorageProtection;

/// <summary>Lets a volume that is being deleted go once no claim is bound to it.</summary>
internal sealed class VolumeProtectionController(IApiClient api) : IController
{
    private const string Finalizer = "kubernetes.io/pv-protection";

    private IInformer? _volumes;

    public string Name => "pv-protection";

    public IReadOnlyList<ControllerSource> Sources { get; } = [new(new ResourceScope(KubernetesResources.PersistentVolumes), static volume => [volume.Name])];

    public ValueTask StartAsync(IReadOnlyList<IInformer> informers, CancellationToken cancellationToken)
    {
        _volumes = informers[0];
        return ValueTask.CompletedTask;
    }

    public async ValueTask<TimeSpan?> ReconcileAsync(ObjectName key, CancellationToken cancellationToken)
    {
        if (_volumes!.Get("", key.Name) is not { Metadata.DeletionTimestamp: not null } volume
            || !volume.Metadata.Finalizers.Contains(Finalizer)
            || volume.ToJsonObject().GetString("status.phase") == "Bound")
        {
            return null;
        }

        try
        {
            await OwnerReferences.RemoveFinalizerAsync(api, KubernetesResources.PersistentVolumes, volume, Finalizer, cancellationToken).ConfigureAwait(false);
        }
        catch (ApiException error) when (error.Reason == StatusReason.NotFound)
        {
            // It is gone already.
        }

        return null;
    }
}
