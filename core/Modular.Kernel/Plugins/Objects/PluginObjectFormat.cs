using System.Text.Json.Nodes;

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

        return spec;
    }

    public static PluginSlot ToSlot(ApiObject obj)
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
        };
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

        // Statuses are merged: what is left out stays, as over a restart, and so an object in an object would keep members of the one before.
        var previous = status.Previous is { } before
            ? new JsonObject { ["plugin"] = before.Plugin, ["version"] = before.Version, ["isolation"] = before.Isolation, ["configuration"] = before.Configuration.ToJsonString() }
            : null;
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
            ["conditions"] = conditions,
            ["instances"] = runs
                ? new JsonArray(new JsonObject { ["host"] = host, ["version"] = status.Version, ["epoch"] = status.Epoch })
                : new JsonArray(),
        };
        if (previous is not null)
        {
            written["previous"] = previous;
        }

        return written;
    }

    private static string Role(PluginStatus status)
    {
        var role = string.Join(",", status.Provides.Select(c => c.Replace("modular.", "", StringComparison.Ordinal)));
        return TrialFormat.Write(status.Slot.Trial) is { } trial ? $"{role} ({(string)trial["mode"]!})" : role;
    }
}
