using System.Globalization;
using System.Text.Json.Nodes;
using Modular.Abstractions;
using Modular.ApiMachinery;

namespace Modular.Plugins.Controllers;

/// <summary>Writes metadata.ownerReferences and metadata.finalizers, only onto the version of the object that was decided on.</summary>
internal static class OwnerReferences
{
    public static JsonObject ToJson(OwnerReference owner) => new()
    {
        ["apiVersion"] = owner.ApiVersion,
        ["kind"] = owner.Kind,
        ["name"] = owner.Name,
        ["uid"] = owner.Uid,
        ["controller"] = owner.IsController,
        ["blockOwnerDeletion"] = owner.BlockOwnerDeletion,
    };

    public static ValueTask<ApiObject> SetAsync(
        IApiClient api, GroupVersionResource resource, ApiObject obj, IEnumerable<OwnerReference> owners, CancellationToken cancellationToken)
    {
        var list = new JsonArray();
        foreach (var owner in owners)
        {
            list.Add((JsonNode)ToJson(owner));
        }

        return PatchAsync(api, resource, obj, "ownerReferences", list, cancellationToken);
    }

    public static ValueTask<ApiObject> RemoveFinalizerAsync(
        IApiClient api, GroupVersionResource resource, ApiObject obj, string finalizer, CancellationToken cancellationToken)
    {
        var list = new JsonArray();
        foreach (var kept in obj.Metadata.Finalizers)
        {
            if (kept != finalizer)
            {
                list.Add((JsonNode)JsonValue.Create(kept));
            }
        }

        return PatchAsync(api, resource, obj, "finalizers", list, cancellationToken);
    }

    private static ValueTask<ApiObject> PatchAsync(
        IApiClient api, GroupVersionResource resource, ApiObject obj, string member, JsonArray list, CancellationToken cancellationToken)
    {
        var metadata = new JsonObject
        {
            ["resourceVersion"] = obj.Revision.ToString(CultureInfo.InvariantCulture),
            [member] = list.Count == 0 ? null : list,
        };
        var name = new ResourceName(resource, obj.Metadata.Namespace, obj.Metadata.Name);
        return api.PatchAsync(name, PatchType.Merge, new JsonObject { ["metadata"] = metadata }, "", cancellationToken);
    }
}
