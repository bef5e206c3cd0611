using System.Text.Json.Nodes;

namespace Modular.Kernel.Plugins;

/// <summary>What the schema of Plugin objects can't say.</summary>
internal sealed class PluginStrategy : IResourceStrategy
{
    public void Validate(StrategyContext context, JsonObject obj, JsonObject? old, FieldErrors errors)
    {
        if (obj["spec"]?["limits"] is JsonObject limits)
        {
            foreach (var (member, value, detail) in LimitsFormat.Problems(limits))
            {
                errors.Invalid($"spec.limits.{member}", value, detail);
            }
        }

        if (obj["spec"]?["privileges"] is JsonArray privileges)
        {
            foreach (var (index, value, detail) in PrivilegesFormat.Problems(privileges))
            {
                errors.Invalid($"spec.privileges[{index}]", value, detail);
            }
        }

        if (obj["spec"]?["trial"] is JsonObject trial)
        {
            foreach (var (member, value, detail) in TrialFormat.Problems(trial))
            {
                errors.Invalid($"spec.trial.{member}", value, detail);
            }
        }
    }
}
