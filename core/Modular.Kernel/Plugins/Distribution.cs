using System.Text.Json.Nodes;
using Modular.PluginLoader;

namespace Modular.Kernel.Plugins;

/// <summary>Which plugins a cluster is composed of. The file is YAML; whoever reads it hands its JSON here.</summary>
public sealed record Distribution(string Name, IReadOnlyList<PluginSlot> Slots)
{
    public const string ApiVersion = "modular.dev/v1alpha1";

    /// <summary>Reads a distribution.</summary>
    /// <param name="document">The file's content.</param>
    /// <param name="file">What errors call it.</param>
    /// <exception cref="DistributionException">Something in it is wrong.</exception>
    public static Distribution Read(JsonNode? document, string file)
    {
        if (document is not JsonObject root || Text(root, "apiVersion") != ApiVersion || Text(root, "kind") != "Distribution")
        {
            throw new DistributionException($"{file} is no distribution; begin it with apiVersion: {ApiVersion} and kind: Distribution");
        }

        if (root.FirstOrDefault(e => e.Key is not ("apiVersion" or "kind" or "metadata" or "plugins")).Key is { } unknown)
        {
            throw new DistributionException($"{file}: {unknown} is not known; write apiVersion, kind, metadata and plugins");
        }

        if (root["plugins"] is not JsonArray { Count: > 0 } plugins)
        {
            throw new DistributionException($"{file}: plugins is missing or empty; list the plugins of the cluster");
        }

        var slots = new List<PluginSlot>();
        for (var i = 0; i < plugins.Count; i++)
        {
            var slot = ReadSlot(plugins[i], $"{file}: plugins[{i}]");
            slots.Add(slots.All(s => s.Name != slot.Name)
                ? slot
                : throw new DistributionException($"{file}: plugins[{i}].name: '{slot.Name}' stands twice; give each entry a name of its own"));
        }

        var name = root["metadata"] is JsonObject metadata ? Text(metadata, "name") : "";
        return new Distribution(name.Length == 0 ? Path.GetFileNameWithoutExtension(file) : name, slots);
    }

    /// <summary>What the file grants to whatever fills a role.</summary>
    public HostPrivileges PrivilegesOf(string role) => Slots.FirstOrDefault(slot => slot.Name == role)?.Granted ?? HostPrivileges.None;

    private static PluginSlot ReadSlot(JsonNode? node, string where)
    {
        if (node is not JsonObject entry)
        {
            throw new DistributionException($"{where} is no mapping; write name and plugin");
        }

        if (entry.FirstOrDefault(e => e.Key is not ("name" or "plugin" or "version" or "host" or "isolation" or "configuration" or "enabled" or "trial" or "limits" or "privileges")).Key is { } unknown)
        {
            throw new DistributionException($"{where}.{unknown} is not known; write name, plugin, version, host, isolation, configuration, enabled, trial, limits or privileges");
        }

        var name = Text(entry, "name");
        var plugin = Text(entry, "plugin");
        if (name.Length == 0 || plugin.Length == 0)
        {
            throw new DistributionException($"{where}.{(name.Length == 0 ? "name" : "plugin")} is missing; set it");
        }

        var host = Text(entry, "host");
        if (host.Length > 0 && NameRules.Dns1123Label(host) is { Count: > 0 } wrong)
        {
            throw new DistributionException($"{where}.host: '{host}' is no name for a host process: {wrong[0]}");
        }

        var isolation = Text(entry, "isolation");
        if (isolation is not ("" or PluginSlot.InProcess or PluginSlot.OwnProcess))
        {
            throw new DistributionException($"{where}.isolation: '{isolation}' is not known; write {PluginSlot.InProcess} or {PluginSlot.OwnProcess}");
        }

        return new PluginSlot(name, plugin)
        {
            Trial = ReadTrial(entry["trial"], $"{where}.trial"),
            Limits = ReadLimits(entry["limits"], $"{where}.limits"),
            FilePrivileges = ReadPrivileges(entry["privileges"], $"{where}.privileges"),
            Version = Text(entry, "version"),
            Host = host,
            Isolation = isolation,
            Configuration = entry["configuration"] switch
            {
                null => new JsonObject(),
                JsonObject configuration => configuration.DeepClone().AsObject(),
                _ => throw new DistributionException($"{where}.configuration is no mapping; write names and values"),
            },
            Enabled = entry["enabled"] is not JsonValue enabled || !enabled.TryGetValue<bool>(out var on) || on,
        };
    }

    private static Trial? ReadTrial(JsonNode? node, string where)
    {
        if (node is null)
        {
            return null;
        }

        if (node is not JsonObject trial)
        {
            throw new DistributionException($"{where} is no mapping; write mode, selector, share and role");
        }

        foreach (var (member, value, detail) in TrialFormat.Problems(trial))
        {
            throw new DistributionException($"{where}.{member}: '{value}': {detail}");
        }

        return TrialFormat.Read(trial);
    }

    private static PluginLimits ReadLimits(JsonNode? node, string where)
    {
        if (node is not (null or JsonObject))
        {
            throw new DistributionException($"{where} is no mapping; write memory and cpu");
        }

        foreach (var (member, value, detail) in LimitsFormat.Problems(node as JsonObject ?? []))
        {
            throw new DistributionException($"{where}.{member}: '{value}': {detail}");
        }

        return LimitsFormat.Read(node);
    }

    private static HostPrivileges ReadPrivileges(JsonNode? node, string where)
    {
        if (node is not (null or JsonArray))
        {
            throw new DistributionException($"{where} is no list; write names, such as [net-admin]");
        }

        foreach (var (index, value, detail) in PrivilegesFormat.Problems(node as JsonArray ?? []))
        {
            throw new DistributionException($"{where}[{index}]: '{value}': {detail}");
        }

        return PrivilegesFormat.Read(node) ?? HostPrivileges.None;
    }

    private static string Text(JsonObject obj, string name) =>
        obj[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : "";
}

/// <summary>A distribution that cannot be used: one line with what to do.</summary>
public sealed class DistributionException(string message) : Exception(message);

/// <summary>A role in a cluster and the plugin that is to fill it.</summary>
/// <param name="Name">The role, such as <c>scheduler</c>.</param>
/// <param name="Plugin">The implementation, such as <c>scheduler-binpack</c>.</param>
public sealed record PluginSlot(string Name, string Plugin)
{
    public const string InProcess = "in-process";
    public const string OwnProcess = "process";

    /// <summary>Empty for the newest installed.</summary>
    public string Version { get; init; } = "";

    /// <summary>The host process that the plugin runs in, beside the cluster's own; empty for that one.</summary>
    public string Host { get; init; } = "";

    /// <summary><see cref="InProcess"/>, <see cref="OwnProcess"/>, or empty for what the plugin's manifest says.</summary>
    public string Isolation { get; init; } = "";

    /// <summary>Given to the plugin as it is. Never changed.</summary>
    public JsonObject Configuration { get; init; } = [];

    /// <summary>False keeps the role empty.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>Any text; another one asks for a new instance, even of the same plugin. Only what asks through the API has one.</summary>
    public string Instance { get; init; } = "";

    /// <summary>On what the plugin is tried beside the one that provides its contracts; null if it is to provide them.</summary>
    public Trial? Trial { get; init; }

    /// <summary>What the plugin may take of the machine.</summary>
    public PluginLimits Limits { get; init; } = PluginLimits.None;

    /// <summary>What the plugin may do to the machine, if it asks for it, as its object says; null if that says nothing.</summary>
    public HostPrivileges? Privileges { get; init; }

    /// <summary>What it may do if the object says nothing.</summary>
    public HostPrivileges FilePrivileges { get; init; }

    /// <summary>What it may do to the machine, if it asks for it.</summary>
    public HostPrivileges Granted => Privileges ?? FilePrivileges;

    /// <summary>Whether another slot asks for the same instance of the same plugin with the same configuration.</summary>
    public bool AsksForSame(PluginSlot other) =>
        Enabled == other.Enabled && Instance == other.Instance && BringsSame(other);

    /// <summary>Whether another slot has the same plugin run in the same way, be it as another instance.</summary>
    public bool BringsSame(PluginSlot other) =>
        Plugin == other.Plugin && Version == other.Version && Host == other.Host && Isolation == other.Isolation && Trial == other.Trial && Limits == other.Limits
        && Granted == other.Granted && JsonNode.DeepEquals(Configuration, other.Configuration);
}
