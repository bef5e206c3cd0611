using System.Text.Json.Nodes;

namespace Modular.Plugins.ResourcesKubernetes.Conversions;

/// <summary>The components of the cluster, which are its plugins: each is healthy if the plugin in its role can do its work.</summary>
internal sealed class ComponentView : IObjectConversion
{
    /// <summary>What is shown; the host brings it.</summary>
    public static readonly GroupVersionResource Plugins = new("modular.dev", "v1alpha1", "plugins");

    // Of the plugin's metadata, what does not speak of its own fields.
    private static readonly string[] Shown = ["name", "uid", "resourceVersion", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "generation", "labels"];

    private ComponentView()
    {
    }

    public static ComponentView Instance { get; } = new();

    public void ToStored(JsonObject obj) => throw new InvalidOperationException("components are only read");

    public void FromStored(JsonObject obj)
    {
        var ready = obj.Objects("status.conditions").FirstOrDefault(condition => condition.GetString("type") == "Ready");
        var healthy = new JsonObject { ["type"] = "Healthy" };
        if (ready?.GetString("status") == "True")
        {
            (healthy["status"], healthy["message"]) = ("True", "ok");
        }
        else
        {
            healthy["status"] = "False";
            healthy["message"] = obj.GetString("status.phase") ?? "";
            healthy["error"] = ready?.GetString("message") ?? "";
        }

        Keep(obj, ["metadata"]);
        Keep(obj.GetOrAddObject("metadata"), Shown);
        obj["conditions"] = new JsonArray(healthy);
    }

    private static void Keep(JsonObject obj, string[] members)
    {
        foreach (var name in obj.Select(member => member.Key).Except(members, StringComparer.Ordinal).ToList())
        {
            obj.Remove(name);
        }
    }
}
