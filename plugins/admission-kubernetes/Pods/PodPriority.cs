using System.Text.Json.Nodes;

namespace Modular.Plugins.AdmissionKubernetes.Pods;

/// <summary>A pod's priority is that of its class; a pod without class has that of the class which is the default, or 0.</summary>
internal sealed class PodPriority(KindView classes) : IAdmission
{
    private const string PreemptLower = "PreemptLowerPriority";

    public bool Handles(GroupVersionResource resource, string subresource, AdmissionOperation operation) =>
        operation is AdmissionOperation.Create or AdmissionOperation.Update && subresource.Length == 0 && resource == KubernetesResources.Pods;

    public ValueTask MutateAsync(AdmissionRequest request, CancellationToken cancellationToken)
    {
        if (!PodSpecs.TryGet(request, out var spec))
        {
            return ValueTask.CompletedTask;
        }

        if (request.Operation == AdmissionOperation.Create)
        {
            return ResolveAsync(request, spec, cancellationToken);
        }

        // Whoever replaces a pod by what he once sent doesn't know what was resolved.
        foreach (var field in (ReadOnlySpan<string>)["priority", "preemptionPolicy"])
        {
            if (spec[field] is null && request.OldObject?.Get("spec") is JsonObject old && old[field] is { } resolved)
            {
                spec[field] = resolved.DeepClone();
            }
        }

        return ValueTask.CompletedTask;
    }

    private async ValueTask ResolveAsync(AdmissionRequest request, JsonObject spec, CancellationToken cancellationToken)
    {
        var found = spec["priorityClassName"].AsString() is { Length: > 0 } name
            ? await classes.FindAsync("", name, cancellationToken).ConfigureAwait(false)
                ?? throw Refusal.Of(request, $"no PriorityClass with name {name} was found")
            : PriorityClasses.Default(await classes.ListAsync("", cancellationToken).ConfigureAwait(false));
        var (priority, policy) = (0L, PreemptLower);
        if (found is not null)
        {
            var json = found.ToJsonObject();
            priority = PriorityClasses.Value(json);
            policy = json["preemptionPolicy"].AsString() ?? PreemptLower;
            spec["priorityClassName"] = found.Metadata.Name;
        }

        if (spec["priority"].AsInt64() is { } stated && stated != priority)
        {
            throw Refusal.Of(
                request, $"the integer value of priority ({stated}) must not be provided in pod spec; priority admission controller computed {priority} from the given PriorityClass name");
        }

        if (spec["preemptionPolicy"].AsString() is { } wanted && wanted != policy)
        {
            throw Refusal.Of(
                request, $"the string value of PreemptionPolicy ({wanted}) must not be provided in pod spec; priority admission controller computed {policy} from the given PriorityClass name");
        }

        spec["priority"] = priority;
        spec["preemptionPolicy"] = policy;
    }
}
