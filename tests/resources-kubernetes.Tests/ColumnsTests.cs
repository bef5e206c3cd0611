using System.Text.Json;
using System.Text.Json.Nodes;
using Modular.Plugins.ResourcesKubernetes.Columns;

namespace Modular.Plugins.ResourcesKubernetes.Tests;

public sealed class ColumnsTests
{
    private static readonly Dictionary<string, (ITableRenderer Table, IReadOnlyList<ResourceColumn> Columns)> Tables = new()
    {
        ["Pod"] = (PodTable.Instance, PodTable.Columns),
        ["ReplicationController"] = (ReplicationControllerTable.Instance, ReplicationControllerTable.Columns),
        ["Node"] = (NodeTable.Instance, NodeTable.Columns),
        ["Service"] = (ServiceTable.Instance, ServiceTable.Columns),
        ["Endpoints"] = (EndpointsTable.Instance, EndpointsTable.Columns),
        ["Namespace"] = (NamespaceTable.Instance, NamespaceTable.Columns),
        ["Event"] = (EventTable.Instance, EventTable.Columns),
        ["ConfigMap"] = (ConfigMapTable.Instance, ConfigMapTable.Columns),
        ["Secret"] = (SecretTable.Instance, SecretTable.Columns),
        ["ServiceAccount"] = (ServiceAccountTable.Instance, ServiceAccountTable.Columns),
        ["Lease"] = (LeaseTable.Instance, LeaseTable.Columns),
        ["EndpointSlice"] = (EndpointSliceTable.Instance, EndpointSliceTable.Columns),
    };

    public static TheoryData<string> Kinds => [.. Tables.Keys];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_column_has_its_cell_of_its_type_even_if_the_object_is_empty(string kind)
    {
        var cells = new List<JsonNode?>();
        using var document = JsonDocument.Parse("{}");
        Tables[kind].Table.Render(document.RootElement, StrategiesFixture.Now, cells);
        var types = cells.Select(cell => cell!.GetValueKind() == JsonValueKind.Number ? "integer" : "string");
        Assert.Equal(Tables[kind].Columns.Select(column => column.Type), types);
    }

    [Theory]
    [InlineData("Pod", "Name Ready Status Restarts Age | IP Node Nominated_Node Readiness_Gates")]
    [InlineData("ReplicationController", "Name Desired Current Ready Age | Containers Images Selector")]
    [InlineData("Node", "Name Status Roles Age Version | Internal-IP External-IP OS-Image Kernel-Version Container-Runtime")]
    [InlineData("Service", "Name Type Cluster-IP External-IP Port(s) Age | Selector")]
    [InlineData("Event", "Last_Seen Type Reason Object Message | Subobject Source First_Seen Count Name")]
    public void Wide_columns_come_apart(string kind, string expected)
    {
        var columns = Tables[kind].Columns.ToLookup(column => column.Priority > 0, column => column.Name.Replace(' ', '_'));
        Assert.Equal(expected, $"{string.Join(' ', columns[false])} | {string.Join(' ', columns[true])}");
    }

    [Theory]
    [InlineData("""{"phase":"Pending"}""", "0/1 Pending 0")]
    [InlineData(
        """{"phase":"Running","containerStatuses":[{"name":"a","ready":true,"restartCount":0,"state":{"running":{}}}]}""", "1/1 Running 0")]
    [InlineData(
        """
        {"phase":"Running","containerStatuses":[{"name":"a","ready":false,"restartCount":2,
         "state":{"waiting":{"reason":"CrashLoopBackOff"}},"lastState":{"terminated":{"finishedAt":"2030-05-06T07:05:09Z"}}}]}
        """,
        "0/1 CrashLoopBackOff 2 (3m ago)")]
    [InlineData(
        """{"phase":"Succeeded","containerStatuses":[{"name":"a","state":{"terminated":{"exitCode":0,"reason":"Completed"}}}]}""", "0/1 Completed 0")]
    [InlineData("""{"phase":"Failed","containerStatuses":[{"name":"a","state":{"terminated":{"exitCode":3,"reason":"Error"}}}]}""", "0/1 Error 0")]
    [InlineData("""{"phase":"Failed","containerStatuses":[{"name":"a","state":{"terminated":{"exitCode":3}}}]}""", "0/1 ExitCode:3 0")]
    [InlineData("""{"phase":"Failed","containerStatuses":[{"name":"a","state":{"terminated":{"exitCode":137,"signal":9}}}]}""", "0/1 Signal:9 0")]
    [InlineData("""{"phase":"Failed","reason":"Evicted"}""", "0/1 Evicted 0")]
    [InlineData(
        """
        {"phase":"Running","containerStatuses":[
         {"name":"a","state":{"terminated":{"exitCode":0,"reason":"Completed"}}},{"name":"b","ready":true,"state":{"running":{}}}]}
        """,
        "1/1 NotReady 0")]
    public void A_pods_status_is_its_containers_status(string status, string expected) =>
        Assert.Equal(expected, StatusOf($$"""{"spec":{"containers":[{"name":"a"}]},"status":{{status}} }"""));

    [Theory]
    [InlineData("{}", "Init:0/2")]
    [InlineData("""{"waiting":{"reason":"PodInitializing"}}""", "Init:0/2")]
    [InlineData("""{"waiting":{"reason":"ImagePullBackOff"}}""", "Init:ImagePullBackOff")]
    [InlineData("""{"terminated":{"exitCode":1,"reason":"Error"}}""", "Init:Error")]
    [InlineData("""{"terminated":{"exitCode":1}}""", "Init:ExitCode:1")]
    [InlineData("""{"terminated":{"exitCode":1,"signal":6}}""", "Init:Signal:6")]
    [InlineData("""{"terminated":{"exitCode":0}}""", "Init:1/2")]
    public void A_pod_waits_for_its_init_containers(string state, string expected)
    {
        var pod = $$$"""
            {"spec":{"containers":[{"name":"a"}],"initContainers":[{"name":"i"},{"name":"j"}]},
             "status":{"phase":"Pending","initContainerStatuses":[{"name":"i","state":{{{state}}} },{"name":"j","state":{"waiting":{} } }] } }
            """;
        Assert.Equal($"0/1 {expected} 0", StatusOf(pod));
    }

    [Fact]
    public void A_container_beside_the_others_counts() => Assert.Equal(
        "2/2 Running 0",
        StatusOf(
            """
            {"spec":{"containers":[{"name":"a"}],"initContainers":[{"name":"i","restartPolicy":"Always"}]},
             "status":{"phase":"Running",
              "initContainerStatuses":[{"name":"i","ready":true,"started":true,"state":{"running":{}}}],
              "containerStatuses":[{"name":"a","ready":true,"state":{"running":{}}}]}}
            """));

    [Theory]
    [InlineData("Running", "Terminating")]
    [InlineData("Succeeded", "Succeeded")]
    public void A_pod_that_is_to_go_is_terminating_unless_it_ended(string phase, string expected) => Assert.Equal(
        $"0/0 {expected} 0",
        StatusOf($$$"""{"metadata":{"deletionTimestamp":"2030-05-06T07:08:09Z"},"status":{"phase":"{{{phase}}}"} }"""));

    [Theory]
    [InlineData(
        "Pod",
        """
        {"metadata":{"name":"web","creationTimestamp":"2030-05-06T07:03:09Z"},
         "spec":{"nodeName":"oak","containers":[{"name":"a"}],"readinessGates":[{"conditionType":"x"}]},
         "status":{"phase":"Pending","podIPs":[{"ip":"10.0.0.1"}],"conditions":[{"type":"x","status":"True"}]}}
        """,
        "web 0/1 Pending 0 5m 10.0.0.1 oak <none> 1/1")]
    [InlineData(
        "ReplicationController",
        """
        {"metadata":{"name":"web"},"spec":{"replicas":3,"selector":{"b":"2","a":"1"},
         "template":{"spec":{"containers":[{"name":"a","image":"i"},{"name":"b","image":"j"}]}}},"status":{"replicas":2,"readyReplicas":1}}
        """,
        "web 3 2 1 <unknown> a,b i,j a=1,b=2")]
    [InlineData(
        "Node",
        """
        {"metadata":{"name":"oak","labels":{"node-role.kubernetes.io/worker":"","kubernetes.io/role":"edge"}},"spec":{"unschedulable":true},
         "status":{"conditions":[{"type":"Ready","status":"True"}],"addresses":[{"type":"InternalIP","address":"10.0.0.9"}],
         "nodeInfo":{"kubeletVersion":"v1","osImage":"os","kernelVersion":"6","containerRuntimeVersion":"native://1"}}}
        """,
        "oak Ready,SchedulingDisabled edge,worker <unknown> v1 10.0.0.9 <none> os 6 native://1")]
    [InlineData(
        "Service",
        """
        {"metadata":{"name":"web"},"spec":{"type":"LoadBalancer","clusterIP":"10.0.0.2","selector":{"a":"1"},
         "ports":[{"port":80,"nodePort":30080,"protocol":"TCP"},{"port":53,"protocol":"UDP"}]}}
        """,
        "web LoadBalancer 10.0.0.2 <pending> 80:30080/TCP,53/UDP <unknown> a=1")]
    [InlineData("Service", """{"metadata":{"name":"web"},"spec":{"type":"ExternalName","externalName":"x.y"}}""", "web ExternalName <none> x.y <none> <unknown> <none>")]
    [InlineData(
        "Endpoints",
        """{"subsets":[{"addresses":[{"ip":"10.0.0.1"},{"ip":"fd00::1"}],"ports":[{"port":1},{"port":2}]}]}""",
        "10.0.0.1:1,[fd00::1]:1,10.0.0.1:2 + 1 more...")]
    [InlineData("Endpoints", "{}", "<none>")]
    [InlineData("Namespace", """{"status":{"phase":"Active"}}""", "Active")]
    [InlineData(
        "Event",
        """
        {"metadata":{"name":"e"},"type":"Normal","reason":"Pulled","message":"done\n","count":4,"involvedObject":{"kind":"Pod","name":"web"},
         "source":{"component":"agent","host":"oak"},"firstTimestamp":"2030-05-06T07:03:09Z","lastTimestamp":"2030-05-06T07:08:08Z"}
        """,
        "1s Normal Pulled pod/web  agent, oak done 5m 4 e")]
    [InlineData("ConfigMap", """{"data":{"a":"1"},"binaryData":{"b":"","c":""}}""", "3")]
    [InlineData("Secret", """{"type":"Opaque","data":{"a":""}}""", "Opaque 1")]
    [InlineData("ServiceAccount", """{"secrets":[{"name":"s"}]}""", "1")]
    [InlineData("Lease", """{"spec":{"holderIdentity":"me"}}""", "me")]
    [InlineData(
        "EndpointSlice",
        """
        {"addressType":"IPv4","ports":[{"port":80},{}],
         "endpoints":[{"addresses":["10.0.0.1","10.0.0.2"]},{"addresses":["10.0.0.3"]},{"addresses":["10.0.0.4"]}]}
        """,
        "IPv4 80,* 10.0.0.1,10.0.0.2,10.0.0.3 + 1 more...")]
    public void Cells_read_as_command_lines_expect(string kind, string json, string expected) =>
        Assert.Equal(expected, string.Join(' ', Render(kind, json)));

    private static string StatusOf(string pod) => string.Join(' ', Render("Pod", pod).Skip(1).Take(3));

    private static List<string> Render(string kind, string json)
    {
        var cells = new List<JsonNode?>();
        using var document = JsonDocument.Parse(json);
        Tables[kind].Table.Render(document.RootElement, StrategiesFixture.Now, cells);
        return [.. cells.Select(cell => cell!.ToString())];
    }
}
