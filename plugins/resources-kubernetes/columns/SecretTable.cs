namespace Modular.Plugins.ResourcesKubernetes.Columns;

/// <summary>The table of secrets. It tells how many values there are, and none of them.</summary>
internal static class SecretTable
{
    public static KindTable Instance { get; } = new(
        TableColumn.Name,
        TableColumn.Text("Type", "What the secret is used for.", "type"),
        TableColumn.Count("Data", "How many entries there are.", "data"),
        TableColumn.Age);
}
