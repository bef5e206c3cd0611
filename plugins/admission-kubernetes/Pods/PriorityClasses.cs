using System.Text.Json.Nodes;

namespace Modular.Plugins.AdmissionKubernetes.Pods;

/// <summary>Reads priority classes.</summary>
internal static class PriorityClasses
{
    public static long Value(JsonObject priorityClass) => priorityClass["value"].AsInt64() ?? 0;

    public static bool IsDefault(JsonObject priorityClass) => priorityClass["globalDefault"].AsBoolean() is true;

    /// <summary>The class of pods that name none. If there are several, which two writes at once can bring about, it is the lowest.</summary>
    public static ApiObject? Default(IReadOnlyList<ApiObject> classes)
    {
        ApiObject? lowest = null;
        var least = 0L;
        foreach (var candidate in classes)
        {
            // Most clusters have two classes, and none is the default: they are not worth being parsed for each pod.
            if (candidate.Body.Span.IndexOf("\"globalDefault\":true"u8) >= 0 && candidate.ToJsonObject() is var json && IsDefault(json)
                && (lowest is null || Value(json) < least))
            {
                (lowest, least) = (candidate, Value(json));
            }
        }

        return lowest;
    }
}
