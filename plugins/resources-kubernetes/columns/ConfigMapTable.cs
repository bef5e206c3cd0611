namespace Modular.Plugins.ResourcesKubernetes.Columns;

/// <summary>The table of config maps.</summary>
internal static class ConfigMapTable
{
    public static KindTable Instance { get; } = new(
        TableColumn.Name,
        TableColumn.Count("Data", "How many entries there are.", "data", "binaryData"),
        TableColumn.Age);
}
