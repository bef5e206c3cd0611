using Modular.Plugins.ResourcesKubernetes.Allocation;
using Modular.Plugins.ResourcesKubernetes.Columns;
using Modular.Plugins.ResourcesKubernetes.Strategies;

namespace Modular.Plugins.ResourcesKubernetes;

/// <summary>What a kind has beside its schema: strategy, table, name rule, and the fields that selectors know.</summary>
internal sealed record KindRules
{
    /// <summary>The rules by resource. One that is in the table but not here is not served.</summary>
    public static IReadOnlyDictionary<string, KindRules> All(ServiceAllocator services) => new Dictionary<string, KindRules>(StringComparer.Ordinal)
    {
        ["v1/pods"] = new()
        {
            Strategy = PodStrategy.Instance,
            Table = PodTable.Instance,
            Columns = PodTable.Columns,
            OwnTableLayout = PodTable.OwnTableLayout,
            Fields =
            [
                new("spec.nodeName"), new("spec.restartPolicy"), new("spec.schedulerName"), new("spec.serviceAccountName"),
                new("spec.hostNetwork", "false"), new("status.phase"), new("status.podIP"), new("status.nominatedNodeName"),
            ],
        },
        ["v1/replicationcontrollers"] = new()
        {
            Strategy = ReplicationControllerStrategy.Instance,
            Table = ReplicationControllerTable.Instance,
            Columns = ReplicationControllerTable.Columns,
            OwnTableLayout = ReplicationControllerTable.OwnTableLayout,
            Fields = [new("status.replicas", "0")],
        },
        ["v1/services"] = new()
        {
            Strategy = new ServiceStrategy(services),
            Table = ServiceTable.Instance,
            Columns = ServiceTable.Columns,
            OwnTableLayout = ServiceTable.OwnTableLayout,
            NameRule = NameRules.Dns1035Label,
            TracksGeneration = false,
            CreatesOnUpdate = true,
            Fields = [new("spec.clusterIP"), new("spec.type")],
        },
        ["v1/endpoints"] = new()
        {
            Strategy = EndpointsStrategy.Instance,
            Table = EndpointsTable.Instance,
            Columns = EndpointsTable.Columns,
            OwnTableLayout = EndpointsTable.OwnTableLayout,
            TracksGeneration = false,
            CreatesOnUpdate = true,
        },
        ["v1/nodes"] = new()
        {
            Strategy = NodeStrategy.Instance,
            Table = NodeTable.Instance,
            Columns = NodeTable.Columns,
            OwnTableLayout = NodeTable.OwnTableLayout,
            TracksGeneration = false,
            Fields = [new("spec.unschedulable", "false")],
        },
        ["v1/namespaces"] = new()
        {
            Strategy = NamespaceStrategy.Instance,
            Table = NamespaceTable.Instance,
            Columns = NamespaceTable.Columns,
            OwnTableLayout = NamespaceTable.OwnTableLayout,
            NameRule = NameRules.Dns1123Label,
            TracksGeneration = false,
            Fields = [new("status.phase")],
        },
        ["v1/events"] = new()
        {
            Strategy = EventStrategy.Instance,
            Table = EventTable.Instance,
            Columns = EventTable.Columns,
            OwnTableLayout = EventTable.OwnTableLayout,
            TracksGeneration = false,
            CreatesOnUpdate = true,
            Fields =
            [
                new("involvedObject.kind"), new("involvedObject.namespace"), new("involvedObject.name"), new("involvedObject.uid"),
                new("involvedObject.apiVersion"), new("involvedObject.resourceVersion"), new("involvedObject.fieldPath"),
                new("reason"), new("reportingComponent"), new("source", JsonPath: "source.component"), new("type"),
            ],
        },
        ["v1/configmaps"] = new()
        {
            Strategy = ConfigMapStrategy.Instance,
            Table = ConfigMapTable.Instance,
            Columns = ConfigMapTable.Columns,
            OwnTableLayout = ConfigMapTable.OwnTableLayout,
            TracksGeneration = false,
        },
        ["v1/secrets"] = new()
        {
            Strategy = SecretStrategy.Instance,
            Table = SecretTable.Instance,
            Columns = SecretTable.Columns,
            OwnTableLayout = SecretTable.OwnTableLayout,
            TracksGeneration = false,
            Fields = [new("type")],
        },
        ["v1/serviceaccounts"] = new()
        {
            Strategy = ServiceAccountStrategy.Instance,
            Table = ServiceAccountTable.Instance,
            Columns = ServiceAccountTable.Columns,
            OwnTableLayout = ServiceAccountTable.OwnTableLayout,
            TracksGeneration = false,
        },
        ["coordination.k8s.io/v1/leases"] = new()
        {
            Strategy = LeaseStrategy.Instance,
            Table = LeaseTable.Instance,
            Columns = LeaseTable.Columns,
            OwnTableLayout = LeaseTable.OwnTableLayout,
            TracksGeneration = false,
            CreatesOnUpdate = true,
            UpdateNeedsRevision = true,
        },
        ["discovery.k8s.io/v1/endpointslices"] = new()
        {
            Strategy = EndpointSliceStrategy.Instance,
            Table = EndpointSliceTable.Instance,
            Columns = EndpointSliceTable.Columns,
            OwnTableLayout = EndpointSliceTable.OwnTableLayout,
        },
    };

    public IResourceStrategy Strategy { get; init; } = DefaultResourceStrategy.Instance;

    public ITableRenderer? Table { get; init; }

    public IReadOnlyList<ResourceColumn> Columns { get; init; } = [];

    public bool OwnTableLayout { get; init; }

    public bool TracksGeneration { get; init; } = true;

    public bool CreatesOnUpdate { get; init; }

    public bool UpdateNeedsRevision { get; init; }

    public Func<string, IReadOnlyList<string>> NameRule { get; init; } = NameRules.Dns1123Subdomain;

    public IReadOnlyList<SelectableField> Fields { get; init; } = [];
}
