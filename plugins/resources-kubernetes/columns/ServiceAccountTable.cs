namespace Modular.Plugins.ResourcesKubernetes.Columns;

/// <summary>The table of service accounts.</summary>
internal static class ServiceAccountTable
{
    public static KindTable Instance { get; } = new(
        TableColumn.Name,
        TableColumn.Count("Secrets", "How many secrets the account refers to.", "secrets"),
        TableColumn.Age);
}
