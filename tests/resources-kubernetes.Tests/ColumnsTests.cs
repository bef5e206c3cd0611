using System.Text.Json;
using System.Text.Json.Nodes;
using Modular.Plugins.ResourcesKubernetes.Columns;
using Modular.Plugins.ResourcesKubernetes.Kinds;

namespace Modular.Plugins.ResourcesKubernetes.Tests;

public sealed class ColumnsTests
{
    private static readonly Dictionary<string, IKindTable> Tables = BuiltInKinds.All(StrategiesFixture.Allocator).Where(kind => kind.Value is { StoredAs: null, Review: null, ActsOn: null }).ToDictionary(
        kind => kind.Key[(kind.Key.LastIndexOf('/') + 1)..], kind => kind.Value.Table!);

    public static TheoryData<string> Kinds => [.. Tables.Keys];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_column_has_its_cell_of_its_type_even_if_the_object_is_empty(string kind)
    {
        var cells = new List<JsonNode?>();
        using var document = JsonDocument.Parse("{}");
        Tables[kind].Render(document.RootElement, StrategiesFixture.Now, cells);
        var types = cells.Select(cell => cell!.ToString() is "True" or "False" ? "boolean" : cell.GetValueKind() switch { JsonValueKind.Number => "integer", JsonValueKind.True or JsonValueKind.False => "boolean", _ => "string" });
        Assert.Equal(Tables[kind].Columns.Select(column => column.Type), types);
    }

    [Theory]
    [InlineData("pods", "Name Ready Status Restarts Age | IP Node Nominated_Node Readiness_Gates")]
    [InlineData("replicationcontrollers", "Name Desired Current Ready Age | Containers Images Selector")]
    [InlineData("componentstatuses", "Name Status Message Error | ")]
    [InlineData("nodes", "Name Status Roles Age Version | Internal-IP External-IP OS-Image Kernel-Version Container-Runtime")]
    [InlineData("services", "Name Type Cluster-IP External-IP Port(s) Age | Selector")]
    [InlineData("events", "Last_Seen Type Reason Object Message | Subobject Source First_Seen Count Name")]
    public void Wide_columns_come_apart(string kind, string expected)
    {
        var columns = Tables[kind].Columns.ToLookup(column => column.Priority > 0, column => column.Name.Replace(' ', '_'));
        Assert.Equal(expected, $"{string.Join(' ', columns[false])} | {string.Join(' ', columns[true])}");
    }

    [Theory]
    [InlineData("""{}""", "Unknown  ")]
    [InlineData("""{"conditions":[{"type":"Healthy","status":"True","message":"ok"}]}""", "Healthy ok ")]
    [InlineData("""{"conditions":[{"type":"Healthy","status":"False","message":"Failed","error":"no port"}]}""", "Unhealthy Failed no port")]
    public void A_component_says_whether_it_is_healthy(string obj, string expected)
    {
        var cells = new List<JsonNode?>();
        using var document = JsonDocument.Parse(obj);
        Tables["componentstatuses"].Render(document.RootElement, StrategiesFixture.Now, cells);
        Assert.Equal(expected, string.Join(' ', cells.Skip(1)));
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
        "pods",
        """
        {"metadata":{"name":"web","creationTimestamp":"2030-05-06T07:03:09Z"},
         "spec":{"nodeName":"oak","containers":[{"name":"a"}],"readinessGates":[{"conditionType":"x"}]},
         "status":{"phase":"Pending","podIPs":[{"ip":"10.0.0.1"}],"conditions":[{"type":"x","status":"True"}]}}
        """,
        "web 0/1 Pending 0 5m 10.0.0.1 oak <none> 1/1")]
    [InlineData(
        "replicationcontrollers",
        """
        {"metadata":{"name":"web"},"spec":{"replicas":3,"selector":{"b":"2","a":"1"},
         "template":{"spec":{"containers":[{"name":"a","image":"i"},{"name":"b","image":"j"}]}}},"status":{"replicas":2,"readyReplicas":1}}
        """,
        "web 3 2 1 <unknown> a,b i,j a=1,b=2")]
    [InlineData(
        "nodes",
        """
        {"metadata":{"name":"oak","labels":{"node-role.kubernetes.io/worker":"","kubernetes.io/role":"edge"}},"spec":{"unschedulable":true},
         "status":{"conditions":[{"type":"Ready","status":"True"}],"addresses":[{"type":"InternalIP","address":"10.0.0.9"}],
         "nodeInfo":{"kubeletVersion":"v1","osImage":"os","kernelVersion":"6","containerRuntimeVersion":"native://1"}}}
        """,
        "oak Ready,SchedulingDisabled edge,worker <unknown> v1 10.0.0.9 <none> os 6 native://1")]
    [InlineData(
        "services",
        """
        {"metadata":{"name":"web"},"spec":{"type":"LoadBalancer","clusterIP":"10.0.0.2","selector":{"a":"1"},
         "ports":[{"port":80,"nodePort":30080,"protocol":"TCP"},{"port":53,"protocol":"UDP"}]}}
        """,
        "web LoadBalancer 10.0.0.2 <pending> 80:30080/TCP,53/UDP <unknown> a=1")]
    [InlineData("services", """{"metadata":{"name":"web"},"spec":{"type":"ExternalName","externalName":"x.y"}}""", "web ExternalName <none> x.y <none> <unknown> <none>")]
    [InlineData(
        "endpoints",
        """{"subsets":[{"addresses":[{"ip":"10.0.0.1"},{"ip":"fd00::1"}],"ports":[{"port":1},{"port":2}]}]}""",
        " 10.0.0.1:1,[fd00::1]:1,10.0.0.1:2 + 1 more... <unknown>")]
    [InlineData("endpoints", "{}", " <none> <unknown>")]
    [InlineData("namespaces", """{"status":{"phase":"Active"}}""", " Active <unknown>")]
    [InlineData(
        "events",
        """
        {"metadata":{"name":"e"},"type":"Normal","reason":"Pulled","message":"done\n","count":4,"involvedObject":{"kind":"Pod","name":"web"},
         "source":{"component":"agent","host":"oak"},"firstTimestamp":"2030-05-06T07:03:09Z","lastTimestamp":"2030-05-06T07:08:08Z"}
        """,
        "1s Normal Pulled pod/web  agent, oak done 5m 4 e")]
    [InlineData("configmaps", """{"data":{"a":"1"},"binaryData":{"b":"","c":""}}""", " 3 <unknown>")]
    [InlineData("secrets", """{"type":"Opaque","data":{"a":""}}""", " Opaque 1 <unknown>")]
    [InlineData("serviceaccounts", """{"secrets":[{"name":"s"}]}""", " 1 <unknown>")]
    [InlineData("leases", """{"spec":{"holderIdentity":"me"}}""", " me <unknown>")]
    [InlineData(
        "endpointslices",
        """
        {"addressType":"IPv4","ports":[{"port":80},{}],
         "endpoints":[{"addresses":["10.0.0.1","10.0.0.2"]},{"addresses":["10.0.0.3"]},{"addresses":["10.0.0.4"]}]}
        """,
        " IPv4 80,* 10.0.0.1,10.0.0.2,10.0.0.3 + 1 more... <unknown>")]
    [InlineData(
        "deployments",
        """
        {"metadata":{"name":"web"},"spec":{"replicas":3,"selector":{"matchLabels":{"b":"2","a":"1"},"matchExpressions":[{"key":"c","operator":"In","values":["y","x"]},{"key":"d","operator":"DoesNotExist"}]},
         "template":{"spec":{"containers":[{"name":"a","image":"i"}]}}},"status":{"readyReplicas":1,"updatedReplicas":2,"availableReplicas":1}}
        """,
        "web 1/3 2 1 <unknown> a i a=1,b=2,c in (x,y),!d")]
    [InlineData("replicasets", """{"metadata":{"name":"web"},"spec":{"replicas":3},"status":{"replicas":2,"readyReplicas":1}}""", "web 3 2 1 <unknown> <none> <none> <none>")]
    [InlineData("statefulsets", """{"metadata":{"name":"db"},"spec":{"replicas":3},"status":{"readyReplicas":1}}""", "db 1/3 <unknown> <none> <none>")]
    [InlineData(
        "daemonsets",
        """
        {"metadata":{"name":"log"},"spec":{"template":{"spec":{"nodeSelector":{"disk":"ssd"}}}},
         "status":{"desiredNumberScheduled":5,"currentNumberScheduled":4,"numberReady":3,"updatedNumberScheduled":2,"numberAvailable":1}}
        """,
        "log 5 4 3 2 1 disk=ssd <unknown> <none> <none> <none>")]
    [InlineData(
        "controllerrevisions",
        """{"metadata":{"name":"r","ownerReferences":[{"apiVersion":"apps/v1","kind":"DaemonSet","name":"log","controller":true}]},"revision":4}""",
        "r daemonset.apps/log 4 <unknown>")]
    [InlineData(
        "jobs",
        """{"metadata":{"name":"j"},"spec":{"completions":3},"status":{"succeeded":3,"startTime":"2030-05-06T07:03:09Z","completionTime":"2030-05-06T07:04:09Z","conditions":[{"type":"Complete","status":"True"}]}}""",
        "j Complete 3/3 60s <unknown> <none> <none> <none>")]
    [InlineData("jobs", """{"metadata":{"name":"j"},"spec":{"parallelism":4},"status":{"startTime":"2030-05-06T07:03:09Z"}}""", "j Running 0/1 of 4 5m <unknown> <none> <none> <none>")]
    [InlineData("jobs", """{"metadata":{"name":"j"},"status":{"conditions":[{"type":"Suspended","status":"True"}]}}""", "j Suspended 0/1  <unknown> <none> <none> <none>")]
    [InlineData(
        "cronjobs",
        """{"metadata":{"name":"c"},"spec":{"schedule":"*/5 * * * *","suspend":false},"status":{"active":[{}],"lastScheduleTime":"2030-05-06T07:03:09Z"}}""",
        "c */5 * * * * <none> False 1 5m <unknown> <none> <none> <none>")]
    [InlineData(
        "horizontalpodautoscalers",
        """
        {"metadata":{"name":"web"},"spec":{"minReplicas":2,"maxReplicas":9,"scaleTargetRef":{"kind":"Deployment","name":"web"},
         "metrics":[{"type":"Resource","resource":{"name":"cpu","target":{"type":"Utilization","averageUtilization":80}}}]},
         "status":{"currentReplicas":3,"currentMetrics":[{"type":"Resource","resource":{"name":"cpu","current":{"averageUtilization":41}}}]}}
        """,
        "web Deployment/web cpu: 41%/80% 2 9 3 <unknown>")]
    [InlineData("poddisruptionbudgets", """{"metadata":{"name":"b"},"spec":{"minAvailable":"50%"},"status":{"disruptionsAllowed":2}}""", "b 50% N/A 2 <unknown>")]
    [InlineData(
        "ingresses",
        """
        {"metadata":{"name":"web"},"spec":{"ingressClassName":"front","tls":[{}],"rules":[{"host":"a.b"},{"host":"c.d"}]},
         "status":{"loadBalancer":{"ingress":[{"ip":"10.0.0.7"},{"hostname":"h"}]}}}
        """,
        "web front a.b,c.d 10.0.0.7,h 80, 443 <unknown>")]
    [InlineData("ingresses", """{"metadata":{"name":"web"}}""", "web <none> *  80 <unknown>")]
    [InlineData("ingressclasses", """{"metadata":{"name":"front"},"spec":{"controller":"x/y","parameters":{"apiGroup":"g.io","kind":"P","name":"n"}}}""", "front x/y P.g.io/n <unknown>")]
    [InlineData("networkpolicies", """{"metadata":{"name":"deny"},"spec":{"podSelector":{"matchLabels":{"a":"1"}}}}""", "deny a=1 <unknown>")]
    [InlineData("servicecidrs", """{"metadata":{"name":"kubernetes"},"spec":{"cidrs":["10.96.0.0/16","fd00::/108"]}}""", "kubernetes 10.96.0.0/16,fd00::/108 <unknown>")]
    [InlineData("ipaddresses", """{"metadata":{"name":"10.96.0.1"},"spec":{"parentRef":{"resource":"services","namespace":"default","name":"kubernetes"}}}""", "10.96.0.1 services/default/kubernetes")]
    [InlineData(
        "persistentvolumes",
        """
        {"metadata":{"name":"pv"},"spec":{"capacity":{"storage":"1Gi"},"accessModes":["ReadWriteMany","ReadWriteOnce"],"persistentVolumeReclaimPolicy":"Retain",
         "storageClassName":"slow","claimRef":{"namespace":"garden","name":"data"},"volumeMode":"Block"},"status":{"phase":"Bound"}}
        """,
        "pv 1Gi RWO,RWX Retain Bound garden/data slow <unset>  <unknown> Block")]
    [InlineData(
        "persistentvolumeclaims",
        """{"metadata":{"name":"data"},"spec":{"volumeName":"pv"},"status":{"phase":"Bound","capacity":{"storage":"1Gi"},"accessModes":["ReadOnlyMany"]}}""",
        "data Bound pv 1Gi ROX  <unset> <unknown> <unset>")]
    [InlineData(
        "storageclasses",
        """{"metadata":{"name":"slow","annotations":{"storageclass.kubernetes.io/is-default-class":"true"}},"provisioner":"x/y"}""",
        "slow (default) x/y Delete Immediate false <unknown>")]
    [InlineData("volumeattachments", """{"metadata":{"name":"a"},"spec":{"attacher":"x","nodeName":"oak","source":{"persistentVolumeName":"pv"}},"status":{"attached":true}}""", "a x pv oak true <unknown>")]
    [InlineData("csidrivers", """{"metadata":{"name":"d"},"spec":{"volumeLifecycleModes":["Persistent","Ephemeral"]}}""", "d true false false <unset> false Persistent,Ephemeral <unknown>")]
    [InlineData("priorityclasses", """{"metadata":{"name":"high"},"value":1000,"globalDefault":true}""", "high 1000 true <unknown> PreemptLowerPriority")]
    [InlineData("runtimeclasses", """{"metadata":{"name":"fast"},"handler":"native"}""", "fast native <unknown>")]
    [InlineData(
        "resourcequotas",
        """{"metadata":{"name":"q"},"status":{"hard":{"pods":"4","limits.cpu":"2","requests.cpu":"1"},"used":{"pods":"1","limits.cpu":"500m"}}}""",
        "q pods: 1/4, requests.cpu: 0/1 limits.cpu: 500m/2 <unknown>")]
    [InlineData("limitranges", """{"metadata":{"name":"l","creationTimestamp":"2030-05-06T07:03:09Z"}}""", "l 2030-05-06T07:03:09Z")]
    [InlineData("podtemplates", """{"metadata":{"name":"t"},"template":{"metadata":{"labels":{"a":"1"}},"spec":{"containers":[{"name":"a","image":"i"}]}}}""", "t a i a=1")]
    [InlineData(
        "certificatesigningrequests",
        """{"metadata":{"name":"c"},"spec":{"signerName":"x/y","username":"me","expirationSeconds":3600},"status":{"conditions":[{"type":"Approved"}],"certificate":"AA=="}}""",
        "c <unknown> x/y me 60m Approved,Issued")]
    [InlineData("resourceclaims", """{"metadata":{"name":"r"},"status":{"allocation":{},"reservedFor":[{}]}}""", "r allocated,reserved <unknown>")]
    [InlineData("flowschemas", """{"metadata":{"name":"f"},"spec":{"priorityLevelConfiguration":{"name":"p"},"matchingPrecedence":9}}""", "f p 9 <none> <unknown> ?")]
    [InlineData(
        "prioritylevelconfigurations",
        """{"metadata":{"name":"p"},"spec":{"type":"Limited","limited":{"nominalConcurrencyShares":30,"limitResponse":{"queuing":{"queues":64,"handSize":8,"queueLengthLimit":50}}}}}""",
        "p Limited 30 64 8 50 <unknown>")]
    public void Cells_read_as_command_lines_expect(string kind, string json, string expected) =>
        Assert.Equal(expected, string.Join(' ', Render(kind, json)));

    private static string StatusOf(string pod) => string.Join(' ', Render("pods", pod).Skip(1).Take(3));

    private static List<string> Render(string kind, string json)
    {
        var cells = new List<JsonNode?>();
        using var document = JsonDocument.Parse(json);
        Tables[kind].Render(document.RootElement, StrategiesFixture.Now, cells);
        return [.. cells.Select(cell => cell!.ToString())];
    }
}
