using System.Text.Json.Nodes;

namespace Modular.Kernel;

/// <summary>Reads what a review asks: may somebody do something?</summary>
internal static class AccessQuestion
{
    /// <exception cref="ApiException">Invalid: it asks about nobody, nothing, or two things.</exception>
    public static AuthorizationRequest Read(JsonObject review, ResourceDefinition definition, ApiRequest request)
    {
        var spec = review.GetObject("spec") ?? [];
        var user = definition.Review == ReviewType.SelfSubjectAccess ? request.User : new UserInfo(spec.GetString("user") ?? "")
        {
            Groups = [.. (spec.GetArray("groups") ?? []).Select(static group => group.AsString() ?? "")],
            Uid = spec.GetString("uid") ?? "",
            Extra = ReadExtra(spec.GetObject("extra") ?? []),
        };
        var (resource, path) = (spec.GetObject("resourceAttributes"), spec.GetObject("nonResourceAttributes"));
        Demand(review, definition, request, user, resource, path);
        return resource is null
            ? new AuthorizationRequest { User = user, Verb = path?.GetString("verb") ?? "", Path = path?.GetString("path") ?? "" }
            : new AuthorizationRequest
            {
                User = user,
                Verb = resource.GetString("verb") ?? "",
                Group = resource.GetString("group") ?? "",
                Version = resource.GetString("version") ?? "",
                Resource = resource.GetString("resource") ?? "",
                Subresource = resource.GetString("subresource") ?? "",
                Namespace = resource.GetString("namespace") ?? "",
                Name = resource.GetString("name") ?? "",
            };
    }

    private static Dictionary<string, IReadOnlyList<string>> ReadExtra(JsonObject extra)
    {
        var read = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        foreach (var (name, values) in extra)
        {
            // Names are compared in lower case: of two that are the same then, the last one is meant.
            read[name.ToLowerInvariant()] = [.. (values as JsonArray ?? []).Select(static value => value.AsString() ?? "")];
        }

        return read;
    }

    private static void Demand(
        JsonObject review, ResourceDefinition definition, ApiRequest request, UserInfo user, JsonObject? resource, JsonObject? path)
    {
        var errors = new FieldErrors();
        if (user.Name.Length == 0 && user.Groups.Count == 0)
        {
            errors.Invalid("spec.user", "", "at least one of user or group must be specified");
        }

        if (resource is not null && path is not null)
        {
            errors.Invalid("spec.nonResourceAttributes", path, "cannot be specified in combination with resourceAttributes");
        }

        if (resource is null && path is null)
        {
            errors.Invalid("spec.resourceAttributes", null, "exactly one of nonResourceAttributes or resourceAttributes must be specified");
        }

        if (definition.Review == ReviewType.LocalSubjectAccess)
        {
            if (path is not null)
            {
                errors.Invalid("spec.nonResourceAttributes", path, "disallowed on this kind of request");
            }

            if (resource is not null && resource.GetString("namespace") != request.Namespace)
            {
                errors.Invalid("spec.resourceAttributes.namespace", resource.GetString("namespace"), "must match metadata.namespace");
            }
        }

        if (review.GetString("metadata.name") is { Length: > 0 } name)
        {
            errors.Invalid("metadata", name, "must be empty except for namespace");
        }

        if (errors.Any)
        {
            throw new ApiException(errors.ToStatus(definition.Kind, ""));
        }
    }
}
