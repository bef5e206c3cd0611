using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Strategies;

/// <summary>What a pod's containers may come to ask for, and use, while they run.</summary>
internal static class PodResizeRules
{
    private static readonly string[] Lists = ["containers", "initContainers"];

    public static void Validate(JsonObject spec, JsonObject oldSpec, FieldErrors errors)
    {
        var path = JsonPaths.PathOf(spec);
        if (PodQualityOfService.Of(spec) is var quality && quality != PodQualityOfService.Of(oldSpec))
        {
            errors.Invalid(path, quality, "Pod QOS Class may not change as a result of resizing");
        }

        foreach (var (container, old) in Lists.SelectMany(list => spec.Objects(list).Zip(oldSpec.Objects(list))))
        {
            foreach (var kind in (ReadOnlySpan<string>)["limits", "requests"])
            {
                var (now, before) = (container.GetStringMap($"resources.{kind}"), old.GetStringMap($"resources.{kind}"));
                if (before.Keys.Any(name => !now.ContainsKey(name)))
                {
                    errors.Forbidden($"{container.FieldPath("resources")}.{kind}", $"resource {kind} cannot be removed");
                }

                if (now.Any(amount => amount.Key is not ("cpu" or "memory") && before.GetValueOrDefault(amount.Key) != amount.Value))
                {
                    errors.Forbidden(path, "only cpu and memory resources are mutable");
                }
            }
        }
    }
}
