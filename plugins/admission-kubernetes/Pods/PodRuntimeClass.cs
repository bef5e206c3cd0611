using System.Text.Json.Nodes;

namespace Modular.Plugins.AdmissionKubernetes.Pods;

/// <summary>A pod that names a runtime class gets the class's overhead, and goes where the class says.</summary>
internal sealed class PodRuntimeClass(KindView classes) : IAdmission
{
    public bool Handles(GroupVersionResource resource, string subresource, AdmissionOperation operation) => PodSpecs.IsCreate(resource, subresource, operation);

    public async ValueTask MutateAsync(AdmissionRequest request, CancellationToken cancellationToken)
    {
        if (!PodSpecs.TryGet(request, out var spec))
        {
            return;
        }

        JsonObject? found = null;
        if (spec["runtimeClassName"].AsString() is { Length: > 0 } name)
        {
            found = (await classes.FindAsync("", name, cancellationToken).ConfigureAwait(false)
                ?? throw Refusal.Of(request, $"pod rejected: RuntimeClass \"{name}\" not found")).ToJsonObject();
        }

        SetOverhead(request, spec, found?.GetObject("overhead.podFixed"));
        if (found?.GetObject("scheduling") is { } scheduling)
        {
            MergeNodeSelector(request, spec, scheduling);
            AddTolerations(spec, scheduling);
        }
    }

    private static void SetOverhead(AdmissionRequest request, JsonObject spec, JsonObject? overhead)
    {
        if (spec["overhead"] is JsonObject { Count: > 0 } stated)
        {
            if (overhead is null)
            {
                throw Refusal.Of(request, "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead");
            }

            if (!SameAmounts(stated, overhead))
            {
                throw Refusal.Of(request, "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead");
            }
        }
        else if (overhead is not null)
        {
            spec["overhead"] = overhead.DeepClone();
        }
    }

    private static bool SameAmounts(JsonObject one, JsonObject other)
    {
        if (one.Count != other.Count)
        {
            return false;
        }

        foreach (var (resource, amount) in one)
        {
            if (!Quantity.TryParse(amount.AsString(), out var left) || !Quantity.TryParse(other[resource].AsString(), out var right) || left != right)
            {
                return false;
            }
        }

        return true;
    }

    private static void MergeNodeSelector(AdmissionRequest request, JsonObject spec, JsonObject scheduling)
    {
        if (scheduling["nodeSelector"] is not JsonObject { Count: > 0 } wanted)
        {
            return;
        }

        if (spec["nodeSelector"] is not JsonObject selector)
        {
            spec["nodeSelector"] = selector = [];
        }

        foreach (var (label, value) in wanted)
        {
            if (selector[label].AsString() is { } stated && stated != value.AsString())
            {
                throw Refusal.Of(
                    request, $"conflict: runtimeClass.scheduling.nodeSelector[{label}] = {value.AsString()}; pod.spec.nodeSelector[{label}] = {stated}");
            }

            selector[label] = value?.DeepClone();
        }
    }

    private static void AddTolerations(JsonObject spec, JsonObject scheduling)
    {
        foreach (var toleration in scheduling.Objects("tolerations"))
        {
            if (spec["tolerations"] is not JsonArray present)
            {
                spec["tolerations"] = present = [];
            }

            if (!present.Any(one => JsonNode.DeepEquals(one, toleration)))
            {
                present.Add(toleration.DeepClone());
            }
        }
    }
}
