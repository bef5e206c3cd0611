using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Strategies;

/// <summary>Priority classes: names for priorities, which never change.</summary>
internal sealed class PriorityClassStrategy : IResourceStrategy
{
    private const long MostOfUsers = 1_000_000_000;
    private const string OfSystem = "system-";

    private static readonly Dictionary<string, long> Known = new(StringComparer.Ordinal)
    {
        ["system-node-critical"] = 2_000_001_000,
        ["system-cluster-critical"] = 2_000_000_000,
    };

    private PriorityClassStrategy()
    {
    }

    public static PriorityClassStrategy Instance { get; } = new();

    public void Validate(StrategyContext context, JsonObject obj, JsonObject? old, FieldErrors errors)
    {
        var name = obj.GetString("metadata.name") ?? "";
        var value = obj.GetInt64("value") ?? 0;
        if (old is not null)
        {
            if (value != (old.GetInt64("value") ?? 0))
            {
                errors.Forbidden("value", "may not be changed in an update.");
            }
        }
        else if (name.StartsWith(OfSystem, StringComparison.Ordinal))
        {
            if (!Known.TryGetValue(name, out var known) || known != value)
            {
                errors.Forbidden(
                    "metadata.name", "priority class names with 'system-' prefix are reserved for system use only. error: " + (Known.ContainsKey(name) ? $"value of {name} PriorityClass must be {known}" : $"{name} is not a known system priority class"));
            }
        }
        else if (value > MostOfUsers)
        {
            errors.Forbidden("value", $"maximum allowed value of a user defined priority is {MostOfUsers}");
        }
    }
}
