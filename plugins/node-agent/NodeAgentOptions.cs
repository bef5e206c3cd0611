using System.Text.Json;
using Modular.ApiMachinery;

namespace Modular.Plugins.NodeAgent;

/// <summary>The plugin's configuration.</summary>
internal sealed record NodeAgentOptions
{
    /// <summary>The node's name; empty for the host's.</summary>
    public string NodeName { get; init; } = "";

    /// <summary>How many pods the node takes.</summary>
    public int Pods { get; init; } = 110;

    /// <summary>How many processes and threads the containers of a pod may have together, where containers are isolated.</summary>
    public int PodPids { get; init; } = 4096;

    /// <summary>The node's address; empty for the machine's first one that is not loopback.</summary>
    public string Address { get; init; } = "";

    /// <summary>The wait before a container's second restart; it doubles from there.</summary>
    public TimeSpan BackOff { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The longest wait before a restart.</summary>
    public TimeSpan LongestBackOff { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>After a run of this length the next end counts as the first.</summary>
    public TimeSpan BackOffReset { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How often the node's lease is renewed.</summary>
    public TimeSpan LeaseInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often the node's status is written though nothing changed.</summary>
    public TimeSpan StatusInterval { get; init; } = TimeSpan.FromMinutes(5);

    /// <exception cref="FormatException">A setting is unknown or has a value of the wrong kind.</exception>
    public static NodeAgentOptions Read(JsonElement configuration)
    {
        var options = new NodeAgentOptions();
        if (configuration.ValueKind != JsonValueKind.Object)
        {
            return options;
        }

        foreach (var property in configuration.EnumerateObject())
        {
            options = property.Name switch
            {
                "nodeName" => options with { NodeName = Name(property) },
                "pods" => options with { Pods = (int)Number(property) },
                "podPids" => options with { PodPids = (int)Number(property) },
                "address" => options with { Address = property.Value.GetString() ?? "" },
                "backOffSeconds" => options with { BackOff = Seconds(property) },
                "longestBackOffSeconds" => options with { LongestBackOff = Seconds(property) },
                "backOffResetSeconds" => options with { BackOffReset = Seconds(property) },
                "leaseSeconds" => options with { LeaseInterval = Seconds(property) },
                "statusSeconds" => options with { StatusInterval = Seconds(property) },
                _ => throw new FormatException($"node-agent has no setting '{property.Name}'; its README lists them"),
            };
        }

        return options;
    }

    private static string Name(JsonProperty property) => property.Value.ValueKind != JsonValueKind.String
        ? throw new FormatException("node-agent: nodeName must be a string")
        : NameRules.Dns1123Subdomain(property.Value.GetString()!) is [var rule, ..]
            ? throw new FormatException($"node-agent: nodeName: {rule}")
            : property.Value.GetString()!;

    private static TimeSpan Seconds(JsonProperty property) => TimeSpan.FromSeconds(Number(property));

    private static double Number(JsonProperty property) =>
        property.Value.ValueKind == JsonValueKind.Number && property.Value.GetDouble() is > 0 and var number
            ? number
            : throw new FormatException($"node-agent: {property.Name} must be a number above 0");
}
