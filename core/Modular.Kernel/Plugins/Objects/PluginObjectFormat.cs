using System.Text.Json;
using System.Text.Json.Nodes;
using Modular.PluginLoader;

namespace Modular.Kernel.Plugins;

/// <summary>Translates between Plugin objects and what the host works with.</summary>
internal static class PluginObjectFormat
{
    public static JsonObject ToObject(PluginSlot slot) => new()
    {
        ["apiVersion"] = PluginKind.Kind.ApiVersion,
        ["kind"] = PluginKind.Kind.Kind,
        ["metadata"] = new JsonObject { ["name"] = slot.Name },
        ["spec"] = ToSpec(slot),
    };

    public static JsonObject ToSpec(PluginSlot slot)
    {
        var spec = new JsonObject
        {
            ["plugin"] = slot.Plugin,
            ["version"] = slot.Version,
            ["host"] = slot.Host,
            ["isolation"] = slot.Isolation,
            ["configuration"] = slot.Configuration.DeepClone(),
            ["enabled"] = slot.Enabled,
            ["instance"] = slot.Instance,
        };
        if (TrialFormat.Write(slot.Trial) is { } trial)
        {
            spec["trial"] = trial;
        }

        if (LimitsFormat.Write(slot.Limits) is { } limits)
        {
            spec["limits"] = limits;
        }

        if (slot.Privileges is { } privileges)
        {
            spec["privileges"] = PrivilegesFormat.Write(privileges);
        }

        return spec;
    }

    /// <param name="obj">The object.</param>
    /// <param name="file">What grants the privileges that the object says nothing of.</param>
    public static PluginSlot ToSlot(ApiObject obj, Distribution file)
    {
        var spec = obj.ToJsonObject()["spec"] as JsonObject ?? [];
        return new PluginSlot(obj.Metadata.Name, (string?)spec["plugin"] ?? "")
        {
            Version = (string?)spec["version"] ?? "",
            Host = (string?)spec["host"] ?? "",
            Isolation = (string?)spec["isolation"] ?? "",
            Configuration = (spec["configuration"] as JsonObject)?.DeepClone().AsObject() ?? [],
            Enabled = (bool?)spec["enabled"] ?? true,
            Instance = (string?)spec["instance"] ?? "",
            Trial = TrialFormat.Read(spec["trial"]),
            Limits = LimitsFormat.Read(spec["limits"]),
            Privileges = PrivilegesFormat.Read(spec["privileges"]),
            FilePrivileges = file.PrivilegesOf(obj.Metadata.Name),
        };
    }

    /// <summary>What ran in place of what the object asks for when its status was written last, or null.</summary>
    /// <remarks>Whoever may write statuses may have written it: what can't be read is none.</remarks>
    public static PluginSlot? ToKept(ApiObject obj, Distribution file)
    {
        if (obj.ToJsonObject()["status"]?["kept"] is not JsonObject kept)
        {
            return null;
        }

        try
        {
            var trial = Parse(kept["trial"]) as JsonObject;
            var wished = ToSlot(obj, file);
            return new PluginSlot(obj.Metadata.Name, (string?)kept["plugin"] ?? "")
            {
                Version = (string?)kept["version"] ?? "",
                Host = wished.Host,
                Isolation = (string?)kept["isolation"] ?? "",
                Configuration = Parse(kept["configuration"]) as JsonObject ?? [],
                Trial = trial is null || TrialFormat.Problems(trial).Any() ? null : TrialFormat.Read(trial),
                Limits = LimitsFormat.Read(Parse(kept["limits"])),
                // Who only takes privileges away wishes for the same plugin: that one is not to keep them.
                Privileges = wished.Plugin == (string?)kept["plugin"] ? wished.Privileges : PrivilegesFormat.Read(kept["privileges"]),
                FilePrivileges = wished.FilePrivileges,
            };
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    public static JsonObject ToStatus(PluginStatus status, string host, long observedGeneration)
    {
        var conditions = new JsonArray();
        foreach (var condition in status.Conditions)
        {
            conditions.Add((JsonNode)new JsonObject
            {
                ["type"] = condition.Type,
                ["status"] = condition.Status ? "True" : "False",
                ["reason"] = condition.Reason,
                ["message"] = condition.Message,
                ["lastTransitionTime"] = KubernetesTime.Format(condition.LastTransitionTime),
            });
        }

        var runs = status.Phase is PluginPhase.Running or PluginPhase.Stopping;
        var written = new JsonObject
        {
            ["observedGeneration"] = observedGeneration,
            ["phase"] = status.Phase.ToString(),
            ["plugin"] = status.Plugin,
            ["version"] = status.Version,
            ["isolation"] = status.IsProcess ? PluginSlot.OwnProcess : PluginSlot.InProcess,
            ["role"] = Role(status),
            ["trial"] = status.Slot.Trial is null ? null : new JsonObject
            {
                ["mode"] = TrialFormat.Write(status.Slot.Trial)!["mode"]!.DeepClone(),
                ["report"] = status.TrialReport?.DeepClone(),
            },
            ["provides"] = new JsonArray([.. status.Provides.Select(c => (JsonNode)c)]),
            ["requires"] = new JsonArray([.. status.Requires.Select(c => (JsonNode)c)]),
            ["privileges"] = PrivilegesFormat.Write(runs ? status.Privileges : HostPrivileges.None),
            ["conditions"] = conditions,
            ["instances"] = runs
                ? new JsonArray(new JsonObject { ["host"] = host, ["version"] = status.Version, ["epoch"] = status.Epoch })
                : new JsonArray(),
        };
        // Statuses are merged: what is left out stays, as over a restart.
        if (status.Previous is { } previous)
        {
            written["previous"] = ToPast(previous);
        }

        // Until the object's wish was tried in this process, what was kept by the last one is what a start falls back to.
        if (status.Kept is not null || observedGeneration > 0)
        {
            written["kept"] = status.Kept is { } kept ? ToPast(kept) : null;
        }

        return written;
    }

    // Objects as text: merged, they would keep members of the ones before.
    private static JsonObject ToPast(PluginSlot slot) => new()
    {
        ["plugin"] = slot.Plugin,
        ["version"] = slot.Version,
        ["isolation"] = slot.Isolation,
        ["configuration"] = slot.Configuration.ToJsonString(),
        ["trial"] = TrialFormat.Write(slot.Trial)?.ToJsonString(),
        ["limits"] = LimitsFormat.Write(slot.Limits)?.ToJsonString(),
        ["privileges"] = slot.Privileges is { } privileges ? PrivilegesFormat.Write(privileges) : null,
    };

    private static JsonNode? Parse(JsonNode? text) => (string?)text is { } json ? JsonNode.Parse(json) : null;

    private static string Role(PluginStatus status)
    {
        var role = string.Join(",", status.Provides.Select(c => c.Replace("modular.", "", StringComparison.Ordinal)));
        return TrialFormat.Write(status.Slot.Trial) is { } trial ? $"{role} ({(string)trial["mode"]!})" : role;
    }
}
