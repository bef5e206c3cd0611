using System.Collections.Frozen;
using System.Text.Json;
using Modular.Abstractions;

namespace Modular.Plugins.RuntimeSimulated;

/// <summary>Which containers come to a state, and how long after the one before.</summary>
internal sealed record LifeRule
{
    // What a timer can wait, 49 days, in round figures.
    private const double LongestSeconds = 4_000_000;

    /// <summary>Labels that the pod or container has, all of them; none matches every one.</summary>
    public IReadOnlyDictionary<string, string> Selector { get; init; } = FrozenDictionary<string, string>.Empty;

    /// <summary>The container's name in the pod; empty for each of them.</summary>
    public string Container { get; init; } = "";

    /// <summary>Running or Exited.</summary>
    public required ContainerPhase State { get; init; }

    /// <summary>How long a container takes to start, or how long it runs.</summary>
    public TimeSpan After { get; init; }

    /// <summary>What it exits with.</summary>
    public int ExitCode { get; init; }

    public bool Matches(SandboxState sandbox, ContainerState container) =>
        (Container.Length == 0 || Container == container.Name)
        && Selector.All(wanted => (container.Labels.GetValueOrDefault(wanted.Key) ?? sandbox.Spec.Labels.GetValueOrDefault(wanted.Key)) == wanted.Value);

    /// <exception cref="FormatException">A field is unknown or has a value of the wrong kind.</exception>
    public static LifeRule Read(JsonElement rule, string path)
    {
        if (rule.ValueKind != JsonValueKind.Object || !rule.TryGetProperty("state", out var state))
        {
            throw new FormatException($"runtime-simulated: {path} must be an object with at least a state, Running or Exited");
        }

        var read = new LifeRule { State = ReadState(state, $"{path}.state") };
        foreach (var property in rule.EnumerateObject())
        {
            var field = $"{path}.{property.Name}";
            read = property.Name switch
            {
                "state" => read,
                "selector" => read with { Selector = ReadSelector(property.Value, field) },
                "container" => read with { Container = ReadText(property.Value, field) },
                "afterSeconds" => read with { After = ReadSeconds(property.Value, field) },
                "exitCode" when read.State == ContainerPhase.Exited => read with { ExitCode = ReadExitCode(property.Value, field) },
                "exitCode" => throw new FormatException($"runtime-simulated: {field} goes with state Exited only; remove it or change the state"),
                _ => throw new FormatException($"runtime-simulated: a rule has no field '{property.Name}' ({path}); the README lists them"),
            };
        }

        return read;
    }

    private static ContainerPhase ReadState(JsonElement value, string field) => value.ValueKind == JsonValueKind.String
        ? value.GetString() switch
        {
            "Running" => ContainerPhase.Running,
            "Exited" => ContainerPhase.Exited,
            var other => throw new FormatException($"runtime-simulated: {field} must be Running or Exited, not '{other}'"),
        }
        : throw new FormatException($"runtime-simulated: {field} must be Running or Exited");

    private static FrozenDictionary<string, string> ReadSelector(JsonElement value, string field) => value.ValueKind == JsonValueKind.Object
        ? value.EnumerateObject().ToFrozenDictionary(label => label.Name, label => ReadText(label.Value, $"{field}.{label.Name}"), StringComparer.Ordinal)
        : throw new FormatException($"runtime-simulated: {field} must be labels, such as {{ app: web }}");

    private static string ReadText(JsonElement value, string field) =>
        value.ValueKind == JsonValueKind.String ? value.GetString()! : throw new FormatException($"runtime-simulated: {field} must be a string");

    private static TimeSpan ReadSeconds(JsonElement value, string field) =>
        value.ValueKind == JsonValueKind.Number && value.GetDouble() is >= 0 and <= LongestSeconds and var seconds
            ? TimeSpan.FromSeconds(seconds)
            : throw new FormatException($"runtime-simulated: {field} must be a number from 0 to {LongestSeconds:F0}");

    private static int ReadExitCode(JsonElement value, string field) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var code) && code is >= 0 and <= 255
            ? code
            : throw new FormatException($"runtime-simulated: {field} must be a whole number from 0 to 255");
}
