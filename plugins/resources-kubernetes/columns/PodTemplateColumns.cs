using System.Text.Json;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Columns;

/// <summary>What tables tell of the pods that are made of a template.</summary>
internal static class PodTemplateColumns
{
    public static TableColumn Containers(string template = "spec.template") =>
        TableColumn.Of("Containers", "The containers of each pod.", obj => OfContainers(obj, template, "name"));

    public static TableColumn Images(string template = "spec.template") =>
        TableColumn.Of("Images", "The images of these containers.", obj => OfContainers(obj, template, "image"));

    /// <summary>A label selector as text.</summary>
    public static TableColumn Selector(string path = "spec.selector") =>
        TableColumn.Of("Selector", "The labels of the pods that are counted.", obj => TableCells.LabelSelector(obj, path));

    private static string OfContainers(JsonElement obj, string template, string field) =>
        TableCells.Joined(obj.Entries(template + ".spec.containers").Select(container => container.GetString(field) ?? ""));
}
