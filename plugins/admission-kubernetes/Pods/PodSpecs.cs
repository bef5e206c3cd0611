using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Nodes;

namespace Modular.Plugins.AdmissionKubernetes.Pods;

/// <summary>Which writes are writes of a pod itself.</summary>
internal static class PodSpecs
{
    public static bool IsCreate(GroupVersionResource resource, string subresource, AdmissionOperation operation) =>
        operation == AdmissionOperation.Create && subresource.Length == 0 && resource == KubernetesResources.Pods;

    /// <summary>The spec of a pod, which is not validated yet.</summary>
    public static bool TryGet(AdmissionRequest request, [NotNullWhen(true)] out JsonObject? spec)
    {
        spec = request.Object?["spec"] as JsonObject;
        return spec is not null;
    }
}
