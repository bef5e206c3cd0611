using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Models.Tests;

public sealed class ReadModelTests
{
    [Fact]
    public void AbsentFieldsReadAsKubernetesDefaults()
    {
        var pod = Read("""{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"}}""").AsPod();

        Assert.Equal("Always", pod.Spec.RestartPolicy);
        Assert.Equal("default-scheduler", pod.Spec.SchedulerName);
        Assert.Equal("Pending", pod.Status.Phase);
        Assert.Null(pod.Spec.TerminationGracePeriodSeconds);
        Assert.Empty(pod.Spec.Containers);
        Assert.Empty(pod.Spec.NodeSelector);
        Assert.Empty(pod.Metadata.Labels);
    }

    [Fact]
    public void NullReadsAsAbsent()
    {
        var pod = Read("""
            {"apiVersion":"v1","kind":"Pod","metadata":{"name":"p","labels":null},
             "spec":{"nodeName":null,"containers":[{"name":"c","image":"i","ports":null,"resources":null}]},"status":null}
            """).AsPod();

        Assert.Equal("", pod.Spec.NodeName);
        Assert.Empty(pod.Spec.Containers[0].Ports);
        Assert.Empty(pod.Spec.Containers[0].Resources.Requests);
        Assert.Empty(pod.Metadata.Labels);
        Assert.False(pod.Status.IsReady);
    }

    [Fact]
    public void PodWithEverythingDecidersAskFor()
    {
        var obj = Read("""
            {"apiVersion":"v1","kind":"Pod","metadata":{"name":"web-1","namespace":"shop","uid":"u1","labels":{"a":"b"}},
             "spec":{"nodeName":"n1","priority":7,"hostNetwork":true,"nodeSelector":{"disk":"ssd"},"unknown":{"kept":"elsewhere"},
               "tolerations":[{"key":"k","operator":"Exists","effect":"NoExecute","tolerationSeconds":5}],
               "volumes":[{"name":"v","emptyDir":{"medium":"Memory"}},{"name":"h","hostPath":{"path":"/x","type":"Directory"}}],
               "containers":[{"name":"c","image":"img","command":["a"],"args":["b"],"env":[{"name":"E","valueFrom":{"fieldRef":{"fieldPath":"status.podIP"}}}],
                 "ports":[{"name":"http","containerPort":8080,"hostPort":80}],"resources":{"requests":{"cpu":"100m"}},
                 "readinessProbe":{"httpGet":{"path":"/ok","port":"http"},"periodSeconds":2},
                 "livenessProbe":{"tcpSocket":{"port":8080}},"volumeMounts":[{"name":"v","mountPath":"/data","readOnly":true}]}]},
             "status":{"phase":"Running","podIP":"127.1.2.3","conditions":[{"type":"Ready","status":"True"}],
               "containerStatuses":[{"name":"c","restartCount":2,"state":{"running":{"startedAt":"2026-01-02T03:04:05Z"}},
                 "lastState":{"terminated":{"exitCode":137,"signal":9}}}]}}
            """);
        var pod = obj.AsPod();
        var container = Assert.Single(pod.Spec.Containers);

        Assert.Equal("n1", pod.Spec.NodeName);
        Assert.Equal(7, pod.Spec.Priority);
        Assert.Equal(5, Assert.Single(pod.Spec.Tolerations).TolerationSeconds);
        Assert.Equal("Memory", pod.Spec.Volumes[0].EmptyDir!.Medium);
        Assert.Equal("/x", pod.Spec.Volumes[1].HostPath!.Path);
        Assert.Equal((8080, 80, "TCP"), (container.Ports[0].Port, container.Ports[0].HostPort, container.Ports[0].Protocol));
        Assert.Equal("100m", container.Resources.Requests["cpu"]);
        Assert.Equal("status.podIP", container.Env[0].ValueFrom!.FieldRef!.FieldPath);
        Assert.Equal(("http", 2, 3, 1), (container.ReadinessProbe!.HttpGet!.Port, container.ReadinessProbe.PeriodSeconds,
            container.ReadinessProbe.FailureThreshold, container.ReadinessProbe.TimeoutSeconds));
        Assert.Equal(("8080", 10), (container.LivenessProbe!.TcpSocket!.Port, container.LivenessProbe.PeriodSeconds));
        Assert.True(pod.Status.IsReady);
        Assert.Equal(137, pod.Status.ContainerStatuses[0].LastState.Terminated!.ExitCode);
        Assert.NotNull(pod.Status.ContainerStatuses[0].State.Running!.StartedAt);
        Assert.Same(pod, obj.AsPod());
    }

    [Fact]
    public void TheOtherKinds()
    {
        Assert.Equal(3, Read("""{"apiVersion":"v1","kind":"ReplicationController","metadata":{},"spec":{"replicas":3}}""")
            .AsReplicationController().Spec.Replicas);
        var node = Read("""
            {"apiVersion":"v1","kind":"Node","metadata":{"name":"n"},"spec":{"unschedulable":true,"taints":[{"key":"k","effect":"NoSchedule"}]},
             "status":{"allocatable":{"cpu":"4"},"daemonEndpoints":{"kubeletEndpoint":{"Port":10250}}}}
            """).AsNode();
        Assert.True(node.Spec.Unschedulable);
        Assert.Equal("k", node.Spec.Taints[0].Key);
        Assert.Equal("4", node.Status.Allocatable["cpu"]);
        Assert.Equal(10250, node.Status.DaemonEndpoints.KubeletEndpoint.Port);
        Assert.Equal("Terminating", Read("""{"apiVersion":"v1","kind":"Namespace","metadata":{},"status":{"phase":"Terminating"}}""")
            .AsNamespace().Status.Phase);
        Assert.Equal("http", Read("""{"apiVersion":"v1","kind":"Service","metadata":{},"spec":{"ports":[{"port":80,"targetPort":"http"}]}}""")
            .AsService().Spec.Ports[0].TargetPort);
        Assert.Equal("10.0.0.1", Read("""{"apiVersion":"v1","kind":"Endpoints","metadata":{},"subsets":[{"addresses":[{"ip":"10.0.0.1"}]}]}""")
            .AsEndpoints().Subsets[0].Addresses[0].Ip);
        Assert.False(Read("""
            {"apiVersion":"discovery.k8s.io/v1","kind":"EndpointSlice","metadata":{},"endpoints":[{"addresses":["10.0.0.1"],"conditions":{"ready":false}}]}
            """).AsEndpointSlice().Endpoints[0].Conditions.Ready);
        Assert.Equal("me", Read("""
            {"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{},"spec":{"holderIdentity":"me","renewTime":"2026-01-02T03:04:05.000006Z"}}
            """).AsLease().Spec.HolderIdentity);
        Assert.Equal("Scheduled", Read("""{"apiVersion":"v1","kind":"Event","metadata":{},"reason":"Scheduled","eventTime":null}""").AsEvent().Reason);
    }

    private static ApiObject Read(string json)
    {
        var obj = JsonNode.Parse(json)!.AsObject();
        return new ApiObject(GroupVersionKind.From((string)obj["apiVersion"]!, (string)obj["kind"]!), ObjectEncoding.Encode(obj), 1);
    }
}
