using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Modular.Abstractions;
using Modular.Models;
using Modular.Plugins.NodeAgent.Containers;
using Modular.Plugins.NodeAgent.Nodes;
using Modular.Plugins.NodeAgent.Pods;

namespace Modular.Plugins.NodeAgent.Tests;

public sealed class NodeRegistrationTests
{
    private static readonly ResourceName Node = new(KubernetesResources.Nodes, "", "node-a");
    private static readonly ResourceName Lease = new(KubernetesResources.Leases, "kube-node-lease", "node-a");

    [Fact]
    public async Task A_node_is_registered_kept_alive_and_keeps_what_others_wrote()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var api = new MemoryApi();
        var options = new NodeAgentOptions { Pods = 17 };
        var view = new RuntimeView(new FixedHandle<IContainerRuntime>(new FakeRuntime(time)), time, NullLogger.Instance);
        var registration = new NodeRegistration(
            api, view, new PodAttachments(new FixedHandle<IPodNetwork>(new FakePodNetwork()), isolated: true), new NodeObject("node-a", "10.0.0.1", "0.1.0", options), "node-a", options, time, NullLogger.Instance);
        using var stop = new CancellationTokenSource();
        var running = Task.WhenAll(view.RunAsync(stop.Token), registration.RunAsync(stop.Token));

        await api.UntilAsync(() => api.Find(Node)?.AsNode() is { } node && Condition.Find(node.Status.Conditions, "Ready") is { IsTrue: true });
        await api.UntilAsync(() => api.Find(Lease) is not null);
        var node = api.Find(Node)!.AsNode();
        Assert.Equal("node-a", node.Metadata.Labels["kubernetes.io/hostname"]);
        Assert.Equal("linux", node.Metadata.Labels["kubernetes.io/os"]);
        Assert.Equal("process", node.Metadata.Annotations["node.modular.dev/runtime-mode"]);
        Assert.Contains("nothing runs", Condition.Find(node.Status.Conditions, "Ready")!.Message, StringComparison.Ordinal);
        Assert.Equal("10.244.0.1", node.Metadata.Annotations[NodeAnnotations.PodNetworkAddress]);
        Assert.Equal("17", node.Status.Allocatable["pods"]);
        Assert.Equal(["InternalIP", "Hostname"], node.Status.Addresses.Select(address => address.Type));
        Assert.EndsWith("Ki", node.Status.Capacity["memory"], StringComparison.Ordinal);

        var first = api.Find(Lease)!.AsLease().Spec;
        Assert.Equal("node-a", first.HolderIdentity);
        var labelled = api.Find(Node)!.ToJsonObject();
        labelled["metadata"]!["labels"]!["disk"] = "ssd";
        labelled["spec"] = new JsonObject { ["unschedulable"] = true };
        api.Put(KubernetesResources.Nodes, labelled);
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        var old = Condition.Find(node.Status.Conditions, "Ready")!.LastHeartbeatTime;
        while (Condition.Find(api.Find(Node)!.AsNode().Status.Conditions, "Ready")!.LastHeartbeatTime == old
            || api.Find(Lease)!.AsLease().Spec.RenewTime == first.RenewTime)
        {
            time.Advance(options.LeaseInterval);
            await Task.Delay(5, limit.Token);
        }

        Assert.True(api.Find(Lease)!.AsLease().Spec.RenewTime > first.RenewTime);
        Assert.Equal("ssd", api.Find(Node)!.AsNode().Metadata.Labels["disk"]);
        Assert.True(api.Find(Node)!.AsNode().Spec.Unschedulable);
        await stop.CancelAsync();
        await running;
    }
}
