namespace Modular.Plugins.ResourcesKubernetes.Columns;

/// <summary>The table of leases.</summary>
internal static class LeaseTable
{
    public static KindTable Instance { get; } = new(
        TableColumn.Name,
        TableColumn.Text("Holder", "Who has the lease.", "spec.holderIdentity"),
        TableColumn.Age);
}
