using System.Text.Json.Nodes;

namespace Modular.Plugins.AdmissionKubernetes.Limits;

/// <summary>Limit ranges: containers that ask for nothing get the namespace's defaults; what asks for too little or too much is refused.</summary>
internal sealed class LimitRangeAdmission(KindView ranges) : IAdmission
{
    public bool Handles(GroupVersionResource resource, string subresource, AdmissionOperation operation) =>
        subresource.Length == 0 && operation switch
        {
            AdmissionOperation.Create => resource == KubernetesResources.Pods || resource == KubernetesResources.PersistentVolumeClaims,
            AdmissionOperation.Update => resource == KubernetesResources.PersistentVolumeClaims,
            _ => false,
        };

    public async ValueTask MutateAsync(AdmissionRequest request, CancellationToken cancellationToken)
    {
        if (request.Resource == KubernetesResources.Pods && request.Object is { } pod)
        {
            foreach (var range in await OfAsync(request, cancellationToken).ConfigureAwait(false))
            {
                LimitDefaults.Apply(range, pod);
            }
        }
    }

    public async ValueTask ValidateAsync(AdmissionRequest request, CancellationToken cancellationToken)
    {
        if (request.Object is not { } obj)
        {
            return;
        }

        foreach (var range in await OfAsync(request, cancellationToken).ConfigureAwait(false))
        {
            var reasons = new List<string>();
            foreach (var limit in range.Objects("spec.limits"))
            {
                if (request.Resource == KubernetesResources.Pods)
                {
                    PodLimits.Check(limit, obj, reasons);
                }
                else
                {
                    ClaimLimits.Check(limit, obj, reasons);
                }
            }

            if (reasons.Count > 0)
            {
                throw Refusal.Of(request, reasons);
            }
        }
    }

    private async ValueTask<IReadOnlyList<JsonObject>> OfAsync(AdmissionRequest request, CancellationToken cancellationToken)
    {
        var found = await ranges.ListAsync(request.Namespace, cancellationToken).ConfigureAwait(false);
        return found.Count == 0 ? [] : [.. found.OrderBy(static range => range.Metadata.Name, StringComparer.Ordinal).Select(static range => range.ToJsonObject())];
    }
}
