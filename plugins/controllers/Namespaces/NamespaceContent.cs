using Modular.Abstractions;
using Modular.ApiMachinery;
using Modular.Models;

namespace Modular.Plugins.Controllers.Namespaces;

/// <summary>Deletes what is in a namespace: pods first, and nothing else before the last of them is gone.</summary>
internal sealed class NamespaceContent(IApiClient api)
{
    public async ValueTask<NamespaceRemains> DeleteAsync(string ns, CancellationToken cancellationToken)
    {
        var remains = new NamespaceRemains();
        var resources = await api.GetResourcesAsync(cancellationToken).ConfigureAwait(false);
        await DeleteAllAsync(KubernetesResources.Pods, ns, remains, cancellationToken).ConfigureAwait(false);
        if (remains.Any)
        {
            remains.WaitsForPods = true;
            return remains;
        }

        foreach (var resource in resources)
        {
            if (resource.Namespaced && resource.Resource != KubernetesResources.Pods
                && !resource.Resource.Resource.Contains('/', StringComparison.Ordinal)
                && resource.Verbs.Contains("delete") && resource.Verbs.Contains("list"))
            {
                await DeleteAllAsync(resource.Resource, ns, remains, cancellationToken).ConfigureAwait(false);
            }
        }

        return remains;
    }

    private async ValueTask DeleteAllAsync(GroupVersionResource resource, string ns, NamespaceRemains remains, CancellationToken cancellationToken)
    {
        var scope = new ResourceScope(resource) { Namespace = ns };
        var list = await api.ListAsync(scope, cancellationToken).ConfigureAwait(false);
        foreach (var obj in list.Items)
        {
            if (obj.Metadata.DeletionTimestamp is not null)
            {
                remains.Add(resource, obj);
                continue;
            }

            try
            {
                var name = new ResourceName(resource, ns, obj.Metadata.Name);
                var going = await api.DeleteAsync(name, new DeleteOptions { Uid = obj.Metadata.Uid }, cancellationToken).ConfigureAwait(false);
                if (going is not null)
                {
                    remains.Add(resource, going);
                }
            }
            catch (ApiException error) when (error.Reason == StatusReason.NotFound)
            {
                // Gone already.
            }
            catch (ApiException error)
            {
                remains.Add(resource, obj);
                remains.Failures.Add(error.Message);
            }
        }
    }
}
