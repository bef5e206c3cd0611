namespace Modular.Plugins.ResourcesKubernetes.Columns;

/// <summary>The table of namespaces.</summary>
internal static class NamespaceTable
{
    public static KindTable Instance { get; } = new(
        TableColumn.Name,
        TableColumn.Text("Status", "Whether the namespace is in use or being cleared.", "status.phase"),
        TableColumn.Age);
}
