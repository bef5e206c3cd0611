namespace Modular.Models;

/// <summary>One observation about an object, as most kinds keep them in <c>status.conditions</c>.</summary>
public sealed record Condition
{
    /// <summary>What is observed, such as <c>Ready</c>.</summary>
    public string Type { get => field ?? ""; init; }

    /// <summary>True, False or Unknown.</summary>
    public string Status { get => field ?? ""; init; }

    /// <summary>Why, in CamelCase.</summary>
    public string Reason { get => field ?? ""; init; }

    /// <summary>Why, in a sentence.</summary>
    public string Message { get => field ?? ""; init; }

    /// <summary>When the status last changed.</summary>
    public DateTimeOffset? LastTransitionTime { get; init; }

    /// <summary>When the status was last confirmed (nodes).</summary>
    public DateTimeOffset? LastHeartbeatTime { get; init; }

    /// <summary>The generation the observation is about; 0 where a kind does not say.</summary>
    public long ObservedGeneration { get; init; }

    /// <summary>True if the status is True.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public bool IsTrue => Status == "True";

    /// <summary>The condition of a type, or null.</summary>
    public static Condition? Find(IReadOnlyList<Condition> conditions, string type)
    {
        for (var i = 0; i < conditions.Count; i++)
        {
            if (conditions[i].Type == type)
            {
                return conditions[i];
            }
        }

        return null;
    }
}
