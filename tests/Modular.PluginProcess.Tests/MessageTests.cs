using System.Collections;
using System.Reflection;
using System.Text;
using Google.Protobuf.Reflection;
using Modular.Abstractions;
using Modular.PluginProcess.Contracts;
using Protocol = Modular.PluginProcess.Protocol;

namespace Modular.PluginProcess.Tests;

/// <summary>Contracts and their .proto files say the same.</summary>
public sealed class MessageTests
{
    [Theory]
    [InlineData(typeof(ClusterDelta), "ClusterDelta")]
    [InlineData(typeof(SchedulingNode), "Node")]
    [InlineData(typeof(SchedulingPod), "Pod")]
    [InlineData(typeof(ResourceAmounts), "Amounts")]
    [InlineData(typeof(Taint), "Taint")]
    [InlineData(typeof(Toleration), "Toleration")]
    [InlineData(typeof(HostPort), "HostPort")]
    [InlineData(typeof(Placement), "Placement")]
    [InlineData(typeof(RefusedNodes), "RefusedNodes")]
    [InlineData(typeof(SchedulingSessionOptions), "Open")]
    [InlineData(typeof(PluginIdentity), "Identity")]
    [InlineData(typeof(ClusterNetwork), "Network")]
    public void Each_property_of_a_record_is_a_field_of_its_message(Type record, string message)
    {
        var properties = record.GetProperties(BindingFlags.Public | BindingFlags.Instance).Select(property => Snake(property.Name)).Order();
        Assert.Equal(properties, Find(message).Fields.InDeclarationOrder().Select(field => field.Name).Order());
    }

    [Fact]
    public void Each_step_of_a_session_is_a_question()
    {
        var steps = typeof(ISchedulingSession).GetMethods().Select(method => method.Name.Replace("Async", "", StringComparison.Ordinal)).Append("Open").Order();
        Assert.Equal(steps, Protocol.SessionRequest.Descriptor.Oneofs[0].Fields.Select(field => char.ToUpperInvariant(field.Name[0]) + field.Name[1..]).Order());
    }

    [Fact]
    public void What_goes_across_comes_out_as_it_was()
    {
        var pod = new SchedulingPod
        {
            Uid = "u",
            Namespace = "ns",
            Name = "n",
            Labels = new Dictionary<string, string> { ["a"] = "b" },
            Requests = new ResourceAmounts { MilliCpu = 1, Memory = 2, Pods = 3, Extended = new Dictionary<string, long> { ["x/y"] = 4 } },
            NodeSelector = new Dictionary<string, string> { ["c"] = "d" },
            Tolerations = [new Toleration("k", "Equal", "v", "NoExecute")],
            HostPorts = [new HostPort("UDP", "10.0.0.1", 53)],
            Priority = -7,
            NodeName = "node",
            OwnerUid = "owner",
        };
        var delta = new ClusterDelta
        {
            Base = 5,
            Revision = long.MaxValue,
            Nodes = [new SchedulingNode { Name = "node", Labels = pod.Labels, Taints = [new Taint("k", "v", "NoSchedule")], Unschedulable = true, Allocatable = pod.Requests }],
            RemovedNodes = ["gone"],
            Pods = [pod],
            RemovedPods = ["left"],
        };
        IReadOnlyList<Placement> placements =
        [
            new Placement { PodUid = "u", NodeName = "node", Victims = ["v"] }, new Placement { PodUid = "w", Refused = [new RefusedNodes("Insufficient cpu", 2)] },
        ];
        Assert.Equal(Text(delta), Text(SchedulingMessages.FromMessage(Protocol.ClusterDelta.Parser.ParseFrom(Bytes(SchedulingMessages.ToMessage(delta))))));
        Assert.Equal(Text(placements), Text(SchedulingMessages.FromMessage(Protocol.Placements.Parser.ParseFrom(Bytes(SchedulingMessages.ToMessage(placements))))));
        // None of the values is one that a field has by itself.
        Assert.DoesNotContain("=;", Text(delta), StringComparison.Ordinal);
    }

    private static byte[] Bytes(Google.Protobuf.IMessage message) => Google.Protobuf.MessageExtensions.ToByteArray(message);

    private static MessageDescriptor Find(string message) =>
        Protocol.SchedulerReflection.Descriptor.MessageTypes.Concat(Protocol.PluginReflection.Descriptor.MessageTypes).First(type => type.Name == message);

    private static string Snake(string name)
    {
        var text = new StringBuilder();
        foreach (var letter in name)
        {
            if (char.IsUpper(letter) && text.Length > 0)
            {
                text.Append('_');
            }

            text.Append(char.ToLowerInvariant(letter));
        }

        return text.ToString();
    }

    /// <summary>Everything in an object, in depth.</summary>
    private static string Text(object? value) => value switch
    {
        null => "",
        string or ValueType and not IEnumerable when value.GetType().Namespace == "System" => value.ToString()!,
        IEnumerable many => $"[{string.Join(",", many.Cast<object>().Select(Text))}]",
        _ => $"{{{string.Concat(value.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance).Select(property => $"{property.Name}={Text(property.GetValue(value))};"))}}}",
    };
}
