using System.Text.Json.Nodes;

namespace Modular.ApiMachinery;

/// <summary>The rules for metadata that hold for every kind.</summary>
public static class ObjectMetaValidator
{
    /// <summary>How many bytes keys and values of all annotations may have together.</summary>
    public const int AnnotationsLimit = 256 * 1024;

    /// <summary>Validates the metadata of an object that may already have got a generated name.</summary>
    /// <param name="obj">The object.</param>
    /// <param name="namespaced">Whether its kind lives in namespaces.</param>
    /// <param name="nameRule">What its kind allows as a name, such as <see cref="NameRules.Dns1123Subdomain"/>.</param>
    /// <param name="errors">Receives what is wrong.</param>
    public static void Validate(JsonObject obj, bool namespaced, Func<string, IReadOnlyList<string>> nameRule, FieldErrors errors)
    {
        if (obj["metadata"] is not JsonObject metadata)
        {
            errors.Required("metadata");
            return;
        }

        ValidateNames(metadata, nameRule, errors);
        ValidateNamespace(metadata, namespaced, errors);
        ValidateLabels(metadata["labels"] as JsonObject, "metadata.labels", errors);
        ValidateAnnotations(metadata["annotations"] as JsonObject, "metadata.annotations", errors);
        ValidateFinalizers(metadata["finalizers"] as JsonArray, errors);
        OwnerReferenceRules.Validate(metadata["ownerReferences"] as JsonArray, errors);
    }

    /// <summary>Validates what a change may not touch. Call <see cref="Validate"/> as well.</summary>
    public static void ValidateUpdate(JsonObject obj, JsonObject old, FieldErrors errors)
    {
        ReadOnlySpan<string> fixedFields =
            ["name", "namespace", "uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds"];
        var (metadata, before) = (obj["metadata"] as JsonObject ?? [], old["metadata"] as JsonObject ?? []);
        foreach (var field in fixedFields)
        {
            if (!JsonNode.DeepEquals(metadata[field], before[field]))
            {
                errors.Invalid("metadata." + field, metadata[field].AsString() ?? (object?)metadata[field], "field is immutable");
            }
        }

        if (before["deletionTimestamp"] is not null && metadata["finalizers"] is JsonArray finalizers)
        {
            ForbidNewFinalizers(finalizers, before["finalizers"] as JsonArray, errors);
        }
    }

    /// <summary>Validates labels, also those of a template.</summary>
    public static void ValidateLabels(JsonObject? labels, string path, FieldErrors errors)
    {
        for (var i = 0; i < labels?.Count; i++)
        {
            var (key, node) = labels.GetAt(i);
            Report(NameRules.QualifiedName(key), path, key, errors);
            if (node.AsString() is { } value)
            {
                Report(NameRules.LabelValue(value), path, value, errors);
            }
        }
    }

    /// <summary>Validates annotations, also those of a template.</summary>
    public static void ValidateAnnotations(JsonObject? annotations, string path, FieldErrors errors)
    {
        long size = 0;
        for (var i = 0; i < annotations?.Count; i++)
        {
            var (key, node) = annotations.GetAt(i);
            Report(NameRules.QualifiedName(key.ToLowerInvariant()), path, key, errors);
            size += System.Text.Encoding.UTF8.GetByteCount(key) + System.Text.Encoding.UTF8.GetByteCount(node.AsString() ?? "");
        }

        if (size > AnnotationsLimit)
        {
            errors.TooLong(path, AnnotationsLimit);
        }
    }

    internal static void Report(IReadOnlyList<string> problems, string path, string value, FieldErrors errors)
    {
        for (var i = 0; i < problems.Count; i++)
        {
            errors.Invalid(path, value, problems[i]);
        }
    }

    private static void ValidateNames(JsonObject metadata, Func<string, IReadOnlyList<string>> nameRule, FieldErrors errors)
    {
        // A dash at the end of the base is followed by random characters, so it is judged as if it were one.
        if (metadata["generateName"].AsString() is { Length: > 0 } baseName)
        {
            var judged = baseName.Length > 1 && baseName.EndsWith('-') ? baseName[..^2] + "a" : baseName;
            Report(nameRule(judged), "metadata.generateName", baseName, errors);
        }

        if (metadata["name"].AsString() is { Length: > 0 } name)
        {
            Report(nameRule(name), "metadata.name", name, errors);
        }
        else
        {
            errors.Required("metadata.name", "name or generateName is required");
        }
    }

    private static void ValidateNamespace(JsonObject metadata, bool namespaced, FieldErrors errors)
    {
        var name = metadata["namespace"].AsString() ?? "";
        if (!namespaced)
        {
            if (name.Length > 0)
            {
                errors.Forbidden("metadata.namespace", "not allowed on this type");
            }
        }
        else if (name.Length == 0)
        {
            errors.Required("metadata.namespace");
        }
        else
        {
            Report(NameRules.Dns1123Label(name), "metadata.namespace", name, errors);
        }
    }

    private static void ValidateFinalizers(JsonArray? finalizers, FieldErrors errors)
    {
        var (orphan, foreground) = (false, false);
        for (var i = 0; i < finalizers?.Count; i++)
        {
            var name = finalizers[i].AsString() ?? "";
            Report(NameRules.QualifiedName(name), "metadata.finalizers", name, errors);
            orphan |= name == "orphan";
            foreground |= name == "foregroundDeletion";
        }

        if (orphan && foreground)
        {
            errors.Invalid("metadata.finalizers", finalizers, "finalizer orphan and foregroundDeletion cannot be both set");
        }
    }

    private static void ForbidNewFinalizers(JsonArray finalizers, JsonArray? before, FieldErrors errors)
    {
        var known = before?.Select(f => f.AsString()).ToHashSet() ?? [];
        var added = finalizers.Select(f => f.AsString()).Where(f => !known.Contains(f)).Select(f => $"\"{f}\"").ToList();
        if (added.Count > 0)
        {
            errors.Forbidden("metadata.finalizers",
                "no new finalizers can be added if the object is being deleted, " +
                $"found new finalizers []string{{{string.Join(", ", added)}}}");
        }
    }
}
