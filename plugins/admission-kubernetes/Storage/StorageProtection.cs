namespace Modular.Plugins.AdmissionKubernetes.Storage;

/// <summary>Gives claims and volumes the finalizers by which they stay while they are in use; controllers take them off.</summary>
internal sealed class StorageProtection : IAdmission
{
    private const string OfClaims = "kubernetes.io/pvc-protection";
    private const string OfVolumes = "kubernetes.io/pv-protection";

    public bool Handles(GroupVersionResource resource, string subresource, AdmissionOperation operation) =>
        operation == AdmissionOperation.Create && subresource.Length == 0
        && (resource == KubernetesResources.PersistentVolumeClaims || resource == KubernetesResources.PersistentVolumes);

    public ValueTask MutateAsync(AdmissionRequest request, CancellationToken cancellationToken)
    {
        var finalizer = request.Resource == KubernetesResources.PersistentVolumes ? OfVolumes : OfClaims;
        var metadata = request.Object!.GetOrAddObject("metadata");
        if (metadata.GetArray("finalizers") is not { } finalizers)
        {
            metadata["finalizers"] = finalizers = [];
        }

        if (!finalizers.Any(present => present.AsString() == finalizer))
        {
            finalizers.Add(finalizer);
        }

        return ValueTask.CompletedTask;
    }
}
