using System.Text.Json.Nodes;

namespace Modular.Kernel;

/// <summary>An action whose object the body names and not the URL: a Binding that is created, which binds the pod of its name.</summary>
internal static class NamedAction
{
    /// <summary>The request as it would be if the URL named the object.</summary>
    /// <exception cref="ApiException">BadRequest: the body names none.</exception>
    public static ApiRequest Of(ApiRequest request, ResourceAction action, RequestBody body)
    {
        var name = body.Node is JsonObject obj ? obj.GetString("metadata.name") : null;
        return request with
        {
            Resource = action.Resource,
            Subresource = action.Subresource,
            Name = name is { Length: > 0 } ? name : throw RequestErrors.Bad($"metadata.name must be the name of one of the {action.Resource.Resource}"),
        };
    }
}
