using Modular.Plugins.ResourcesKubernetes.Columns;
using Modular.Plugins.ResourcesKubernetes.Strategies;

namespace Modular.Plugins.ResourcesKubernetes.Kinds;

/// <summary>The kinds by which a cluster as a whole is run.</summary>
internal static class ClusterKinds
{
    public static Dictionary<string, KindRules> All() => new(StringComparer.Ordinal)
    {
        ["coordination.k8s.io/v1/leases"] = new()
        {
            Strategy = LeaseStrategy.Instance,
            Table = LeaseTable.Instance,
            TracksGeneration = false,
            CreatesOnUpdate = true,
            UpdateNeedsRevision = true,
        },
        ["scheduling.k8s.io/v1/priorityclasses"] = new()
        {
            Strategy = PriorityClassStrategy.Instance,
            Table = PolicyTables.PriorityClass,
        },
        ["node.k8s.io/v1/runtimeclasses"] = new()
        {
            Strategy = RuntimeClassStrategy.Instance,
            Table = PolicyTables.RuntimeClass,
            TracksGeneration = false,
            UpdateNeedsRevision = true,
        },
        ["certificates.k8s.io/v1/certificatesigningrequests"] = new()
        {
            Strategy = CertificateSigningRequestStrategy.Instance,
            Table = CertificateTables.CertificateSigningRequest,
            TracksGeneration = false,
            NameRule = NameRules.PathSegment,
            Fields = [new("spec.signerName")],
        },
        ["flowcontrol.apiserver.k8s.io/v1/flowschemas"] = new()
        {
            Strategy = FlowSchemaStrategy.Instance,
            Table = FlowControlTables.FlowSchema,
        },
        ["flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations"] = new()
        {
            Strategy = PriorityLevelConfigurationStrategy.Instance,
            Table = FlowControlTables.PriorityLevelConfiguration,
        },
        ["resource.k8s.io/v1/deviceclasses"] = new()
        {
            Table = DeviceTables.Plain,
            ReturnsDeletedObject = true,
        },
        ["resource.k8s.io/v1/resourceclaims"] = new()
        {
            Strategy = ResourceClaimStrategy.Instance,
            Table = DeviceTables.ResourceClaim,
            TracksGeneration = false,
            ReturnsDeletedObject = true,
        },
        ["resource.k8s.io/v1/resourceclaimtemplates"] = new()
        {
            Strategy = ResourceClaimTemplateStrategy.Instance,
            Table = DeviceTables.Plain,
            TracksGeneration = false,
            ReturnsDeletedObject = true,
        },
        ["resource.k8s.io/v1/resourceslices"] = new()
        {
            Table = DeviceTables.ResourceSlice,
            ReturnsDeletedObject = true,
            Fields = [new("spec.nodeName"), new("spec.driver")],
        },
    };
}
