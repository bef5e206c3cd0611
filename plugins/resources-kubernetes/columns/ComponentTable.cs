using System.Text.Json;

namespace Modular.Plugins.ResourcesKubernetes.Columns;

/// <summary>The table of components.</summary>
internal static class ComponentTable
{
    public static KindTable Instance { get; } = new(
        TableColumn.Name,
        TableColumn.Of("Status", "Whether it is healthy.", static obj => Healthy(obj)?.GetString("status") switch
        {
            null => "Unknown",
            "True" => "Healthy",
            _ => "Unhealthy",
        }),
        TableColumn.Of("Message", "What it says.", static obj => Healthy(obj)?.GetString("message") ?? ""),
        TableColumn.Of("Error", "Why it is not healthy.", static obj => Healthy(obj)?.GetString("error") ?? ""));

    private static JsonElement? Healthy(JsonElement obj)
    {
        foreach (var condition in obj.Entries("conditions"))
        {
            if (condition.GetString("type") == "Healthy")
            {
                return condition;
            }
        }

        return null;
    }
}
