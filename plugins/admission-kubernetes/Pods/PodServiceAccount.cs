namespace Modular.Plugins.AdmissionKubernetes.Pods;

/// <summary>A pod that names no service account runs as its namespace's <c>default</c>. The older name of the field says the same.</summary>
internal sealed class PodServiceAccount : IAdmission
{
    private const string Default = "default";

    public bool Handles(GroupVersionResource resource, string subresource, AdmissionOperation operation) => PodSpecs.IsCreate(resource, subresource, operation);

    public ValueTask MutateAsync(AdmissionRequest request, CancellationToken cancellationToken)
    {
        if (PodSpecs.TryGet(request, out var spec))
        {
            var name = spec["serviceAccountName"].AsString() is { Length: > 0 } wanted ? wanted
                : spec["serviceAccount"].AsString() is { Length: > 0 } older ? older : Default;
            spec["serviceAccountName"] = name;
            spec["serviceAccount"] = name;
        }

        return ValueTask.CompletedTask;
    }
}
