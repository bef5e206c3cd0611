using System.Text.Json.Nodes;

namespace Modular.Kernel;

/// <summary>What the rules of a kind are asked in front of a write.</summary>
internal static class WriteQuestions
{
    /// <summary>All of it at once, as far as nobody else has a say in between.</summary>
    public static ResourceWrite Of(
        RequestTarget target, KernelSettings settings, bool dryRun, JsonObject obj, JsonObject? old, AdmissionChain admission, Action<JsonObject> defaulted) => new()
        {
            Definition = target.Definition,
            Context = target.Context(settings, dryRun),
            Object = obj,
            Old = old,
            Defaulted = defaulted,
            Steps = WriteSteps.Default | WriteSteps.Prepare | WriteSteps.Validate
                | (admission.IsEmpty && target.Subresource is not { Type: SubresourceType.Status } ? WriteSteps.Reserve : WriteSteps.None),
        };
}
