using Modular.Abstractions;

namespace Modular.Toolkit.Tests;

public sealed class NodeFitTests
{
    private static readonly SchedulingNode Node = new()
    {
        Name = "n",
        Labels = new Dictionary<string, string> { ["disk"] = "ssd" },
        Allocatable = new ResourceAmounts
        {
            MilliCpu = 1000,
            Memory = 1 << 30,
            Pods = 2,
            Extended = new Dictionary<string, long> { ["example.com/gpu"] = 1 },
        },
    };

    private static readonly SchedulingPod Pod = new()
    {
        Uid = "p",
        Namespace = "default",
        Name = "p",
        Requests = new ResourceAmounts { MilliCpu = 600, Memory = 100, Pods = 1 },
    };

    public static TheoryData<string, string> Cases => new()
    {
        { "fits", "" },
        { "cpu", "Insufficient cpu" },
        { "memory", "Insufficient memory" },
        { "pods", "Too many pods" },
        { "gpu", "Insufficient example.com/gpu" },
        { "unknown resource", "Insufficient example.com/none" },
        { "selector", "node(s) didn't match Pod's node affinity/selector" },
        { "matching selector", "" },
        { "unschedulable", "node(s) were unschedulable" },
        { "unschedulable tolerated", "" },
        { "taint", "node(s) had untolerated taint {team: red}" },
        { "NoExecute taint", "node(s) had untolerated taint {team: red}" },
        { "soft taint", "" },
        { "taint tolerated by value", "" },
        { "taint tolerated by key", "" },
        { "taint tolerated by everything", "" },
        { "taint with another value", "node(s) had untolerated taint {team: red}" },
        { "taint with another effect", "node(s) had untolerated taint {team: red}" },
        { "port", "node(s) didn't have free ports for the requested pod ports" },
        { "port of any address", "node(s) didn't have free ports for the requested pod ports" },
        { "port of another address", "" },
        { "port of another protocol", "" },
        { "nothing asked of a full node", "" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void FitsOrSaysWhyNot(string name, string reason)
    {
        var room = new NodeRoom(Node);
        var pod = Pod;
        switch (name)
        {
            case "cpu": room.Add(Pod); break;
            case "memory": pod = Asking(new ResourceAmounts { Memory = (1L << 30) + 1, Pods = 1 }); break;
            case "pods": room.Add(Small()); room.Add(Small()); break;
            case "gpu": room.Add(Asking(Gpu(1))); pod = Asking(Gpu(1)); break;
            case "unknown resource":
                pod = Asking(new ResourceAmounts { Pods = 1, Extended = new Dictionary<string, long> { ["example.com/none"] = 1 } });
                break;
            case "selector": pod = Pod with { NodeSelector = new Dictionary<string, string> { ["disk"] = "hdd" } }; break;
            case "matching selector": pod = Pod with { NodeSelector = new Dictionary<string, string> { ["disk"] = "ssd" } }; break;
            case "unschedulable": room.Node = Node with { Unschedulable = true }; break;
            case "unschedulable tolerated":
                room.Node = Node with { Unschedulable = true };
                pod = Bearing(new Toleration("node.kubernetes.io/unschedulable", "Exists", "", "NoSchedule"));
                break;
            case "taint": Taint(room, "NoSchedule"); break;
            case "NoExecute taint": Taint(room, "NoExecute"); break;
            case "soft taint": Taint(room, "PreferNoSchedule"); break;
            case "taint tolerated by value": Taint(room, "NoSchedule"); pod = Bearing(new Toleration("team", "Equal", "red", "NoSchedule")); break;
            case "taint tolerated by key": Taint(room, "NoSchedule"); pod = Bearing(new Toleration("team", "Exists", "", "")); break;
            case "taint tolerated by everything": Taint(room, "NoExecute"); pod = Bearing(new Toleration("", "Exists", "", "")); break;
            case "taint with another value": Taint(room, "NoSchedule"); pod = Bearing(new Toleration("team", "Equal", "blue", "")); break;
            case "taint with another effect": Taint(room, "NoSchedule"); pod = Bearing(new Toleration("team", "Exists", "", "NoExecute")); break;
            case "port": room.Add(Port("TCP", "10.0.0.1")); pod = Port("TCP", "10.0.0.1"); break;
            case "port of any address": room.Add(Port("TCP", "10.0.0.1")); pod = Port("TCP", "0.0.0.0"); break;
            case "port of another address": room.Add(Port("TCP", "10.0.0.1")); pod = Port("TCP", "10.0.0.2"); break;
            case "port of another protocol": room.Add(Port("TCP", "")); pod = Port("UDP", ""); break;
            case "nothing asked of a full node": room.Add(Asking(new ResourceAmounts { MilliCpu = 5000, Pods = 1 })); pod = Small(); break;
        }

        var tally = new RefusalTally();
        NodeFit.Explain(room, pod, tally);

        Assert.Equal(reason.Length == 0, NodeFit.Fits(room, pod));
        Assert.Equal(reason.Length == 0 ? [] : [new RefusedNodes(reason, 1)], tally.ToList());
    }

    [Fact]
    public void RemovingAPodGivesEverythingBack()
    {
        var room = new NodeRoom(Node);
        var pod = Port("TCP", "") with { OwnerUid = "rc", Requests = Gpu(1) };
        room.Add(pod);
        Assert.Equal((1L, 1, 1), (room.Extended("example.com/gpu"), room.Siblings("rc"), room.HostPorts.Count));
        room.Remove(pod);
        Assert.Equal((0L, 0, 0, 0L), (room.Extended("example.com/gpu"), room.Siblings("rc"), room.HostPorts.Count, room.Pods));
    }

    [Fact]
    public void TheMessageReadsAsKubernetes()
    {
        Assert.Equal("no nodes available to schedule pods", RefusalTally.Describe(0, []));
        Assert.Equal(
            "0/3 nodes are available: 1 Insufficient cpu, 2 node(s) had untolerated taint {k: v}.",
            RefusalTally.Describe(3, [new("node(s) had untolerated taint {k: v}", 2), new("Insufficient cpu", 1)]));
    }

    private static ResourceAmounts Gpu(long count) =>
        new() { Pods = 1, Extended = new Dictionary<string, long> { ["example.com/gpu"] = count } };

    private static SchedulingPod Asking(ResourceAmounts requests) => Pod with { Requests = requests };

    private static SchedulingPod Small() => Asking(new ResourceAmounts { Pods = 1 });

    private static SchedulingPod Bearing(Toleration toleration) => Pod with { Tolerations = [toleration] };

    private static SchedulingPod Port(string protocol, string ip) => Small() with { HostPorts = [new HostPort(protocol, ip, 80)] };

    private static void Taint(NodeRoom room, string effect) => room.Node = Node with { Taints = [new Taint("team", "red", effect)] };
}
