using System.Text.Json.Nodes;

namespace Modular.Plugins.AdmissionKubernetes.Limits;

/// <summary>Gives containers the defaults of a limit range, and says in an annotation what they were given.</summary>
internal static class LimitDefaults
{
    private const string Annotation = "kubernetes.io/limit-ranger";
    private const string Begin = "LimitRanger plugin set: ";

    public static void Apply(JsonObject range, JsonObject pod)
    {
        var limits = Defaults(range, "default");
        var requests = Defaults(range, "defaultRequest");
        if (limits.Count + requests.Count == 0 || pod["spec"] is not JsonObject spec)
        {
            return;
        }

        var given = new List<string>();
        foreach (var (list, kind) in (ReadOnlySpan<(string, string)>)[("containers", "container"), ("initContainers", "init container")])
        {
            foreach (var container in spec.Objects(list))
            {
                var name = $"{kind} {container["name"].AsString()}";
                Fill(container, "requests", requests, $"request for {name}", given);
                Fill(container, "limits", limits, $"limit for {name}", given);
            }
        }

        if (given.Count > 0 && Child(pod, "metadata") is { } metadata && Child(metadata, "annotations") is { } annotations)
        {
            annotations[Annotation] = Begin + string.Join("; ", given);
        }
    }

    private static SortedDictionary<string, string> Defaults(JsonObject range, string field)
    {
        var defaults = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var limit in range.Objects("spec.limits"))
        {
            if (limit.GetString("type") == "Container")
            {
                foreach (var (resource, amount) in limit.GetStringMap(field))
                {
                    defaults[resource] = amount;
                }
            }
        }

        return defaults;
    }

    private static void Fill(JsonObject container, string list, SortedDictionary<string, string> defaults, string what, List<string> given)
    {
        if (defaults.Count == 0 || Child(container, "resources") is not { } resources || Child(resources, list) is not { } stated)
        {
            return;
        }

        var filled = new List<string>();
        foreach (var (resource, amount) in defaults)
        {
            if (!stated.ContainsKey(resource))
            {
                stated[resource] = amount;
                filled.Add(resource);
            }
        }

        if (filled.Count > 0)
        {
            given.Add($"{string.Join(", ", filled)} {what}");
        }
    }

    /// <summary>A member that is an object, made if it is absent; null if it is something else, which validation refuses.</summary>
    private static JsonObject? Child(JsonObject parent, string name)
    {
        if (parent[name] is null)
        {
            parent[name] = new JsonObject();
        }

        return parent[name] as JsonObject;
    }
}
