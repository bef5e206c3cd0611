using System.Text.Json.Nodes;
using Modular.PluginTests;

namespace Modular.Plugins.AdmissionKubernetes.Tests;

/// <summary>What every admission plugin has to do, asked of this one.</summary>
public sealed class ConformanceTests : AdmissionTests
{
    private AdmissionCluster? _cluster;

    protected override IEnumerable<AdmissionRequest> Requests =>
    [
        Request(AdmissionOperation.Create, """{"spec":{"priorityClassName":7,"runtimeClassName":{},"overhead":[],"nodeSelector":1,"tolerations":{}}}"""),
        Request(AdmissionOperation.Create, """{"spec":{"priorityClassName":"system-node-critical","containers":[null,{"resources":{"limits":[],"requests":{"cpu":{}}}}]}}"""),
    ];

    public override async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await _cluster!.DisposeAsync();
        await base.DisposeAsync();
    }

    protected override async ValueTask<IAdmission> StartAsync()
    {
        _cluster = await AdmissionCluster.StartAsync();
        return _cluster.Admission;
    }

    private static AdmissionRequest Request(AdmissionOperation operation, string json) => new()
    {
        Resource = KubernetesResources.Pods,
        Kind = new GroupVersionKind("", "v1", "Pod"),
        Operation = operation,
        Namespace = "default",
        Name = "p",
        User = new UserInfo("carla"),
        Object = JsonNode.Parse(json)!.AsObject(),
    };
}
