using Modular.Plugins.ResourcesKubernetes.Allocation;
using Modular.Plugins.ResourcesKubernetes.Columns;
using Modular.Plugins.ResourcesKubernetes.Conversions;
using Modular.Plugins.ResourcesKubernetes.Strategies;

namespace Modular.Plugins.ResourcesKubernetes.Kinds;

/// <summary>The kinds of the core group, but for volumes, and the other name of events.</summary>
internal static class CoreKinds
{
    public static Dictionary<string, KindRules> All(ServiceAllocator services) => new(StringComparer.Ordinal)
    {
        ["v1/pods"] = new()
        {
            Strategy = PodStrategy.Instance,
            Table = PodTable.Instance,
            ReturnsDeletedObject = true,
            Fields =
            [
                new("spec.nodeName"), new("spec.restartPolicy"), new("spec.schedulerName"), new("spec.serviceAccountName"),
                new("spec.hostNetwork", "false"), new("status.phase"), new("status.podIP"), new("status.nominatedNodeName"),
            ],
        },
        ["v1/bindings"] = new() { ActsOn = new ResourceAction(new GroupVersionResource("", "v1", "pods"), "binding") },
        ["v1/componentstatuses"] = new()
        {
            ShownOf = ComponentView.Plugins,
            Conversion = ComponentView.Instance,
            Table = ComponentTable.Instance,
        },
        ["v1/replicationcontrollers"] = new()
        {
            Strategy = ReplicationControllerStrategy.Instance,
            Table = ReplicationControllerTable.Instance,
            Fields = [new("status.replicas", "0")],
        },
        ["v1/services"] = new()
        {
            Strategy = new ServiceStrategy(services),
            Table = ServiceTable.Instance,
            NameRule = NameRules.Dns1035Label,
            TracksGeneration = false,
            CreatesOnUpdate = true,
            ReturnsDeletedObject = true,
            Fields = [new("spec.clusterIP"), new("spec.type")],
        },
        ["v1/endpoints"] = new()
        {
            Strategy = EndpointsStrategy.Instance,
            Table = EndpointsTable.Instance,
            TracksGeneration = false,
            CreatesOnUpdate = true,
        },
        ["v1/nodes"] = new()
        {
            Strategy = NodeStrategy.Instance,
            Table = NodeTable.Instance,
            TracksGeneration = false,
            Fields = [new("spec.unschedulable", "false")],
        },
        ["v1/namespaces"] = new()
        {
            Strategy = NamespaceStrategy.Instance,
            Table = NamespaceTable.Instance,
            NameRule = NameRules.Dns1123Label,
            TracksGeneration = false,
            Fields = [new("status.phase")],
        },
        ["v1/events"] = new()
        {
            Strategy = EventStrategy.Instance,
            Table = EventTable.Instance,
            TracksGeneration = false,
            CreatesOnUpdate = true,
            Fields =
            [
                new("involvedObject.kind"), new("involvedObject.namespace"), new("involvedObject.name"), new("involvedObject.uid"),
                new("involvedObject.apiVersion"), new("involvedObject.resourceVersion"), new("involvedObject.fieldPath"),
                new("reason"), new("reportingComponent"), new("source", JsonPath: "source.component"), new("type"),
            ],
        },
        ["events.k8s.io/v1/events"] = new()
        {
            StoredAs = "v1/events",
            Conversion = EventConversion.Instance,
            Table = new ConvertedTable(EventTable.Instance, EventConversion.Instance),
            Fields =
            [
                new("regarding.kind", JsonPath: "involvedObject.kind"), new("regarding.namespace", JsonPath: "involvedObject.namespace"),
                new("regarding.name", JsonPath: "involvedObject.name"), new("regarding.uid", JsonPath: "involvedObject.uid"),
                new("regarding.apiVersion", JsonPath: "involvedObject.apiVersion"),
                new("regarding.resourceVersion", JsonPath: "involvedObject.resourceVersion"),
                new("regarding.fieldPath", JsonPath: "involvedObject.fieldPath"),
                new("reason"), new("reportingController", JsonPath: "reportingComponent"), new("type"),
            ],
        },
        ["v1/configmaps"] = new()
        {
            Strategy = ConfigMapStrategy.Instance,
            Table = ConfigMapTable.Instance,
            TracksGeneration = false,
        },
        ["v1/secrets"] = new()
        {
            Strategy = SecretStrategy.Instance,
            Table = SecretTable.Instance,
            TracksGeneration = false,
            Fields = [new("type")],
        },
        ["v1/serviceaccounts"] = new()
        {
            Strategy = ServiceAccountStrategy.Instance,
            Table = ServiceAccountTable.Instance,
            TracksGeneration = false,
            ReturnsDeletedObject = true,
        },
        ["v1/podtemplates"] = new()
        {
            Strategy = PodTemplateStrategy.Instance,
            Table = PolicyTables.PodTemplate,
            ReturnsDeletedObject = true,
        },
        ["v1/limitranges"] = new()
        {
            Strategy = LimitRangeStrategy.Instance,
            Table = PolicyTables.LimitRange,
            TracksGeneration = false,
            CreatesOnUpdate = true,
        },
        ["v1/resourcequotas"] = new()
        {
            Strategy = ResourceQuotaStrategy.Instance,
            Table = PolicyTables.ResourceQuota,
            TracksGeneration = false,
            ReturnsDeletedObject = true,
        },
    };
}
