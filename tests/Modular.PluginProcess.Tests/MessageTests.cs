using System.Collections;
using System.Reflection;
using System.Text;
using System.Text.Json.Nodes;
using Google.Protobuf.Reflection;
using Modular.Abstractions;
using Modular.ApiMachinery;
using Modular.PluginProcess.Contracts;
using Protocol = Modular.PluginProcess.Protocol;

namespace Modular.PluginProcess.Tests;

/// <summary>Contracts and their .proto files say the same.</summary>
public sealed class MessageTests
{
    private static readonly FileDescriptor[] Files =
    [
        Protocol.PluginReflection.Descriptor, Protocol.SchedulerReflection.Descriptor, Protocol.ServicesReflection.Descriptor, Protocol.NetworkReflection.Descriptor,
        Protocol.RuntimeReflection.Descriptor,
        Protocol.SecurityReflection.Descriptor, Protocol.RequirementsReflection.Descriptor,
        Protocol.StoreReflection.Descriptor, Protocol.ResourcesReflection.Descriptor,
    ];

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
    [InlineData(typeof(ServiceDelta), "ServiceDelta")]
    [InlineData(typeof(ServiceRecord), "ServiceRecord")]
    [InlineData(typeof(ServicePortRecord), "ServicePort")]
    [InlineData(typeof(EndpointRecord), "Endpoint")]
    [InlineData(typeof(ServiceReport), "ServiceReport")]
    [InlineData(typeof(ServiceProblem), "ServiceProblem")]
    [InlineData(typeof(PodNetworkInfo), "PodNetworkInfo")]
    [InlineData(typeof(PodAttachmentSpec), "PodAttachmentSpec")]
    [InlineData(typeof(PodHostPort), "PodHostPort")]
    [InlineData(typeof(PodAttachment), "PodAttachment")]
    [InlineData(typeof(RuntimeInfo), "RuntimeInfo")]
    [InlineData(typeof(ImageRequest), "ImageRequest")]
    [InlineData(typeof(SandboxSpec), "SandboxSpec")]
    [InlineData(typeof(SandboxState), "SandboxState")]
    [InlineData(typeof(ContainerSpec), "ContainerSpec")]
    [InlineData(typeof(ContainerMount), "ContainerMount")]
    [InlineData(typeof(RuntimePort), "RuntimePort")]
    [InlineData(typeof(RuntimeResources), "RuntimeResources")]
    [InlineData(typeof(ContainerSecurity), "ContainerSecurity")]
    [InlineData(typeof(ContainerState), "ContainerState")]
    [InlineData(typeof(RuntimeState), "RuntimeState")]
    [InlineData(typeof(RuntimeEvent), "RuntimeEvent")]
    [InlineData(typeof(ExecRequest), "ExecRequest")]
    [InlineData(typeof(AttachRequest), "AttachRequest")]
    [InlineData(typeof(Trial), "Trial")]
    [InlineData(typeof(UserInfo), "UserInfo")]
    [InlineData(typeof(AuthenticationRequest), "AuthenticationRequest")]
    [InlineData(typeof(AuthenticationResult), "AuthenticationResult")]
    [InlineData(typeof(AuthorizationRequest), "AuthorizationRequest")]
    [InlineData(typeof(AuthorizationResult), "AuthorizationResult")]
    [InlineData(typeof(AdmissionRequest), "AdmissionRequest")]
    [InlineData(typeof(StoreStatus), "StoreStatus")]
    [InlineData(typeof(RangeRequest), "RangeRequest")]
    [InlineData(typeof(RangeResult), "RangeResult")]
    [InlineData(typeof(StoreEntry), "StoreEntry")]
    [InlineData(typeof(CommitRequest), "CommitRequest")]
    [InlineData(typeof(CommitGuard), "CommitGuard")]
    [InlineData(typeof(CommitOperation), "CommitOperation")]
    [InlineData(typeof(CommitResult), "CommitResult")]
    [InlineData(typeof(StoreWatchRequest), "StoreWatchRequest")]
    [InlineData(typeof(StoreWatchBatch), "StoreWatchBatch")]
    [InlineData(typeof(StoreChange), "StoreChange")]
    [InlineData(typeof(Schema), "Schema")]
    [InlineData(typeof(ResourceColumn), "ResourceColumn")]
    [InlineData(typeof(ResourceAction), "ResourceAction")]
    [InlineData(typeof(StrategyContext), "StrategyContext")]
    [InlineData(typeof(StatusCause), "StatusCause")]
    [InlineData(typeof(PluginIdentity), "Identity")]
    [InlineData(typeof(ClusterNetwork), "Network")]
    public void Each_property_of_a_record_is_a_field_of_its_message(Type record, string message)
    {
        var properties = record.GetProperties(BindingFlags.Public | BindingFlags.Instance).Select(property => Snake(property.Name)).Order();
        Assert.Equal(properties, Find(message).Fields.InDeclarationOrder().Select(field => field.Name).Order());
    }

    /// <summary>Code does not cross: it is asked, and says which of it there is.</summary>
    [Theory]
    [InlineData(typeof(ResourceDefinition), "ResourceDefinition", "conversion,descriptions,is_stored,list_kind,strategy,table", "")]
    [InlineData(typeof(SelectableField), "SelectableField", "value_path", "")]
    [InlineData(typeof(Subresource), "Subresource", "action,connect", "")]
    [InlineData(typeof(ResourceWrite), "ResourceWrite", "defaulted,definition", "reservation,resource")]
    [InlineData(typeof(WriteRuling), "WriteRuling", "reservation", "defaulted,has_taken,object,refusal")]
    [InlineData(typeof(DeletionRuling), "DeletionRuling", "", "object,refusal")]
    [InlineData(typeof(ActionRuling), "ActionRuling", "", "deletion,object,refusal")]
    [InlineData(typeof(NodeRequest), "NodeRequest", "", "refusal")]
    public void What_is_not_the_same_in_both_is_known(Type record, string message, string onlyInRecord, string onlyInMessage)
    {
        var properties = record.GetProperties(BindingFlags.Public | BindingFlags.Instance).Select(property => Snake(property.Name)).ToHashSet();
        var fields = Find(message).Fields.InDeclarationOrder().Select(field => field.Name).ToHashSet();
        Assert.Equal(onlyInRecord, string.Join(',', properties.Except(fields).Order()));
        Assert.Equal(onlyInMessage, string.Join(',', fields.Except(properties).Order()));
    }

    [Fact]
    public void Each_rule_of_a_strategy_is_told()
    {
        // Warnings are told with what is wrong, by their own rule; rendering is the table's.
        var members = typeof(IResourceStrategy).GetMethods().Select(method => method.Name.Replace("Async", "", StringComparison.Ordinal) switch
        {
            "Warnings" => "Warn",
            "GracePeriodSeconds" => "Grace",
            "HoldsDeletion" => "HoldDeletion",
            var name => name,
        });
        Assert.Equal(members.Append("Render").Append("Unspecified").Order(), Enum.GetNames<Protocol.KindRule>().Order());
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

    [Theory]
    [InlineData(typeof(IServiceProxy), "ServiceProxy")]
    [InlineData(typeof(IDnsServer), "DnsServer")]
    [InlineData(typeof(IPodNetwork), "PodNetwork")]
    [InlineData(typeof(IContainerRuntime), "ContainerRuntime")]
    [InlineData(typeof(IContainerStreams), "ContainerStreams")]
    [InlineData(typeof(IAuthenticator), "Authenticator")]
    [InlineData(typeof(IAuthorizer), "Authorizer")]
    [InlineData(typeof(IAdmission), "Admission")]
    [InlineData(typeof(IObjectStore), "ObjectStore")]
    public void Each_member_of_a_contract_is_a_call(Type contract, string service)
    {
        var members = contract.GetMethods().Select(method => method.Name.Replace("Async", "", StringComparison.Ordinal)).Order();
        Assert.Equal(members, Files.SelectMany(file => file.Services).Single(found => found.Name == service).Methods.Select(method => method.Name).Order());
    }

    [Theory]
    [InlineData(typeof(AuthorizationDecision), typeof(Protocol.AuthorizationDecision))]
    [InlineData(typeof(AdmissionOperation), typeof(Protocol.AdmissionOperation))]
    [InlineData(typeof(TrialMode), typeof(Protocol.TrialMode))]
    [InlineData(typeof(SchemaType), typeof(Protocol.SchemaType))]
    [InlineData(typeof(ListKind), typeof(Protocol.ListKind))]
    [InlineData(typeof(SubresourceType), typeof(Protocol.SubresourceType))]
    public void Each_choice_has_its_number_in_both(Type choice, Type message) =>
        Assert.Equal(Enum.GetNames(choice).Select(name => (name, (int)Enum.Parse(choice, name))), Enum.GetNames(message).Select(name => (name, (int)Enum.Parse(message, name))));

    [Fact]
    public void Requests_that_are_judged_come_out_as_they_were()
    {
        var user = new UserInfo("u") { Groups = ["g", "h"], Uid = "1", Extra = new Dictionary<string, IReadOnlyList<string>> { ["example.org/a"] = ["b", ""] } };
        var request = new AuthorizationRequest
        {
            User = user,
            Verb = "get",
            Group = "apps",
            Version = "v1",
            Resource = "pods",
            Subresource = "log",
            Namespace = "ns",
            Name = "n",
            Path = "/p",
        };
        var write = new AdmissionRequest
        {
            Resource = new GroupVersionResource("apps", "v1", "pods"),
            Kind = new GroupVersionKind("apps", "v1", "Pod"),
            Subresource = "status",
            Operation = AdmissionOperation.Connect,
            Namespace = "ns",
            Name = "n",
            User = user,
            Object = new JsonObject { ["a"] = "new" },
            OldObject = new JsonObject { ["a"] = "old" },
            DryRun = true,
        };
        Assert.Equal(Text(request), Text(SecurityMessages.FromMessage(Protocol.AuthorizationRequest.Parser.ParseFrom(Bytes(SecurityMessages.ToMessage(request))))));
        var across = SecurityMessages.FromMessage(Protocol.AdmissionRequest.Parser.ParseFrom(Bytes(SecurityMessages.ToMessage(write))));
        Assert.Equal(Text(write with { Object = null, OldObject = null }), Text(across with { Object = null, OldObject = null }));
        Assert.Equal(("""{"a":"new"}""", """{"a":"old"}"""), (across.Object!.ToJsonString(), across.OldObject!.ToJsonString()));
        Assert.DoesNotContain("=;", Text(request) + Text(user), StringComparison.Ordinal);
    }

    [Fact]
    public void Services_come_out_as_they_were()
    {
        var delta = new ServiceDelta
        {
            Base = 5,
            Revision = 6,
            Removed = ["gone"],
            Services =
            [
                new ServiceRecord
                {
                    Uid = "u",
                    Namespace = "ns",
                    Name = "n",
                    ClusterAddresses = ["10.96.0.9"],
                    ExternalAddresses = ["192.0.2.1"],
                    ExternalName = "example.org",
                    ProxyName = "other",
                    ClientAffinity = TimeSpan.FromMilliseconds(1500),
                    Ports =
                    [
                        new ServicePortRecord
                        {
                            Name = "web",
                            Protocol = "UDP",
                            Port = 80,
                            NodePort = 30080,
                            AppProtocol = "http",
                            Endpoints = [new EndpointRecord("10.244.0.2", 8080) { Ready = false, Hostname = "h", NodeName = "node" }],
                        },
                    ],
                },
            ],
        };
        var report = new ServiceReport { Revision = 7, Problems = [new ServiceProblem("u", "80/TCP", "PortInUse", "somebody has it")] };
        Assert.Equal(Text(delta), Text(ServiceMessages.FromMessage(Protocol.ServiceDelta.Parser.ParseFrom(Bytes(ServiceMessages.ToMessage(delta))))));
        Assert.Equal(Text(report), Text(ServiceMessages.FromMessage(Protocol.ServiceReport.Parser.ParseFrom(Bytes(ServiceMessages.ToMessage(report))))));
        Assert.DoesNotContain("=;", Text(delta) + Text(report), StringComparison.Ordinal);
    }

    [Fact]
    public void Attachments_come_out_as_they_were()
    {
        var spec = new PodAttachmentSpec { SandboxId = "s", NetworkNamespace = "/run/n", PodNamespace = "ns", PodName = "p", HostPorts = [new PodHostPort("UDP", "192.0.2.1", 1, 2)] };
        var info = new PodNetworkInfo { NodeAddress = "10.244.0.1", PodRange = "10.244.0.0/24", Limitation = "no IPv6" };
        var attachment = new PodAttachment { SandboxId = "s", Addresses = ["10.244.0.2"] };
        Assert.Equal(Text(spec), Text(NetworkMessages.FromMessage(Protocol.PodAttachmentSpec.Parser.ParseFrom(Bytes(NetworkMessages.ToMessage(spec))))));
        Assert.Equal(Text(info), Text(NetworkMessages.FromMessage(Protocol.PodNetworkInfo.Parser.ParseFrom(Bytes(NetworkMessages.ToMessage(info))))));
        Assert.Equal(Text(attachment), Text(NetworkMessages.FromMessage(Protocol.PodAttachment.Parser.ParseFrom(Bytes(NetworkMessages.ToMessage(attachment))))));
        Assert.DoesNotContain("=;", Text(spec) + Text(info) + Text(attachment), StringComparison.Ordinal);
    }

    [Fact]
    public void What_containers_are_made_of_comes_out_as_it_was()
    {
        var labels = new Dictionary<string, string> { ["a"] = "b" };
        var resources = new RuntimeResources { MilliCpuRequest = 1, MilliCpuLimit = 2, MemoryRequest = 3, MemoryLimit = long.MaxValue, PidsLimit = 5, OomScoreAdjustment = -6 };
        var sandbox = new SandboxSpec
        {
            Id = "s",
            PodNamespace = "ns",
            PodName = "p",
            PodUid = "u",
            Hostname = "h",
            HostNetwork = true,
            HostPID = true,
            HostIPC = true,
            ShareProcessNamespace = true,
            Sysctls = new Dictionary<string, string> { ["net.a"] = "1" },
            Resources = resources,
            Labels = labels,
        };
        var container = new ContainerSpec
        {
            Id = "c",
            SandboxId = "s",
            Name = "main",
            Attempt = 3,
            Image = "host",
            Command = ["sh", "-c"],
            Args = ["true"],
            WorkingDirectory = "/w",
            Environment = [new("A", "1"), new("B", ""), new("A", "2")],
            Mounts = [new ContainerMount("/h", "/c", true) { Name = "v", Beneath = "/b", Propagation = "Bidirectional" }],
            Ports = [new RuntimePort(80, "UDP")],
            LogPath = "/l",
            Stdin = true,
            StdinOnce = true,
            Tty = true,
            Resources = resources,
            Security = new ContainerSecurity
            {
                RunAsUser = 0,
                RunAsGroup = 7,
                SupplementalGroups = [8],
                ReadOnlyRootFilesystem = true,
                Privileged = true,
                AllowPrivilegeEscalation = false,
                AddedCapabilities = ["NET_ADMIN"],
                DroppedCapabilities = ["ALL"],
                SeccompProfile = "Localhost",
                SeccompProfilePath = "/p",
                ProcMount = "Unmasked",
            },
            Labels = labels,
        };
        var exec = new ExecRequest { ContainerId = "c", Command = ["sh"], Stdin = true, Tty = true };
        var attach = new AttachRequest { ContainerId = "c", Stdin = true, Tty = true };
        var image = new ImageRequest("host", "Never");
        Assert.Equal(Text(sandbox), Text(RuntimeMessages.FromMessage(Protocol.SandboxSpec.Parser.ParseFrom(Bytes(RuntimeMessages.ToMessage(sandbox))))));
        Assert.Equal(Text(container), Text(RuntimeMessages.FromMessage(Protocol.ContainerSpec.Parser.ParseFrom(Bytes(RuntimeMessages.ToMessage(container))))));
        Assert.Equal(Text(exec), Text(RuntimeMessages.FromMessage(Protocol.ExecRequest.Parser.ParseFrom(Bytes(RuntimeMessages.ToMessage(exec))))));
        Assert.Equal(Text(attach), Text(RuntimeMessages.FromMessage(Protocol.AttachRequest.Parser.ParseFrom(Bytes(RuntimeMessages.ToMessage(attach))))));
        Assert.Equal(Text(image), Text(RuntimeMessages.FromMessage(Protocol.ImageRequest.Parser.ParseFrom(Bytes(RuntimeMessages.ToMessage(image))))));
        var plain = new ContainerSpec { Id = "c", SandboxId = "s", Name = "main", Image = "host", LogPath = "/l" };
        Assert.Equal(Text(plain), Text(RuntimeMessages.FromMessage(Protocol.ContainerSpec.Parser.ParseFrom(Bytes(RuntimeMessages.ToMessage(plain))))));
    }

    [Fact]
    public void What_a_runtime_says_comes_out_as_it_was()
    {
        var info = new RuntimeInfo { Name = "n", Version = "1", Mode = "process", Limitation = "l", AssignsAddresses = true, InstanceId = "i" };
        var exited = new ContainerState
        {
            Id = "c",
            SandboxId = "s",
            Name = "main",
            Attempt = 3,
            Image = "host",
            Phase = ContainerPhase.Exited,
            Pid = 4,
            StartedAt = new DateTimeOffset(2030, 1, 2, 3, 4, 5, TimeSpan.Zero) + TimeSpan.FromTicks(1234567),
            FinishedAt = DateTimeOffset.UnixEpoch,
            ExitCode = 137,
            Reason = "OOMKilled",
            Message = "m",
            LogPath = "/l",
            Labels = new Dictionary<string, string> { ["a"] = "b" },
        };
        var sandbox = new SandboxState
        {
            Id = "s",
            Running = true,
            Addresses = ["127.64.0.1"],
            NetworkNamespace = "/run/n",
            Spec = new SandboxSpec { Id = "s", PodName = "p", PodNamespace = "ns", PodUid = "u" },
        };
        var state = new RuntimeState
        {
            Position = long.MaxValue,
            Sandboxes = [sandbox],
            Containers = [exited, .. Enum.GetValues<ContainerPhase>().Select(phase => exited with { Phase = phase, StartedAt = null, FinishedAt = null })],
        };
        RuntimeEvent[] events =
            [new RuntimeEvent { Type = RuntimeEventType.ContainerChanged, Position = 5, Container = exited }, new RuntimeEvent { Type = RuntimeEventType.Resync, Position = 6 }];
        Assert.Equal(Text(info), Text(RuntimeMessages.FromMessage(Protocol.RuntimeInfo.Parser.ParseFrom(Bytes(RuntimeMessages.ToMessage(info))))));
        Assert.Equal(Text(state), Text(RuntimeMessages.FromMessage(Protocol.RuntimeState.Parser.ParseFrom(Bytes(RuntimeMessages.ToMessage(state))))));
        Assert.Equal(
            Text(events), Text(events.Select(entry => RuntimeMessages.FromMessage(Protocol.RuntimeEvent.Parser.ParseFrom(Bytes(RuntimeMessages.ToMessage(entry)))))));
        Assert.Equal(exited.StartedAt, RuntimeMessages.FromMessage(RuntimeMessages.ToMessage(exited)).StartedAt);
    }

    [Fact]
    public void What_a_store_is_asked_and_says_comes_out_as_it_was()
    {
        var value = new ReadOnlyMemory<byte>([1, 2, 3]);
        var empty = new ReadOnlyMemory<byte>([]);
        var entry = new StoreEntry("/k", value, 3, 4);
        var commit = new CommitRequest { Guards = [new CommitGuard("/k", 4)], Operations = [new("/k", value), new("/empty", empty), new("/gone", null)] };
        var batch = new StoreWatchBatch
        {
            Kind = StoreWatchKind.Compacted,
            Revision = 9,
            Changes =
            [
                new StoreChange { Key = "/k", Revision = 7, Value = value, Previous = empty, CreateRevision = 3 },
                new StoreChange { Key = "/gone", Revision = 8, Value = null, Previous = null },
            ],
        };
        var status = new StoreStatus { Current = 1, Compacted = 2, Bytes = 3, Writable = false };
        var range = new RangeRequest { From = "/a", To = "/b", Limit = 1, Revision = 2, KeysOnly = true, CountOnly = true };
        var watch = new StoreWatchRequest { From = "/a", To = "/b", Revision = 5, WithPrevious = true };
        Assert.Equal(Text(status), Text(StoreMessages.FromMessage(Protocol.StoreStatus.Parser.ParseFrom(Bytes(StoreMessages.ToMessage(status))))));
        Assert.Equal(Text(range), Text(StoreMessages.FromMessage(Protocol.RangeRequest.Parser.ParseFrom(Bytes(StoreMessages.ToMessage(range))))));
        Assert.Null(StoreMessages.FromMessage(StoreMessages.ToMessage(range with { To = null })).To);
        Assert.Equal(Text(watch), Text(StoreMessages.FromMessage(Protocol.StoreWatchRequest.Parser.ParseFrom(Bytes(StoreMessages.ToMessage(watch))))));
        Assert.Equal(Text(commit), Text(StoreMessages.FromMessage(Protocol.CommitRequest.Parser.ParseFrom(Bytes(StoreMessages.ToMessage(commit))))));
        Assert.Equal(Text(batch), Text(StoreMessages.FromMessage(Protocol.StoreWatchBatch.Parser.ParseFrom(Bytes(StoreMessages.ToMessage(batch))))));
        Assert.DoesNotContain("=;", Text(status) + Text(range) + Text(watch) + Text(entry), StringComparison.Ordinal);
        foreach (var outcome in Enum.GetValues<CommitOutcome>())
        {
            var result = new CommitResult { Outcome = outcome, Revision = 5, Current = entry, Limit = 6 };
            Assert.Equal(Text(result), Text(StoreMessages.FromMessage(Protocol.CommitResult.Parser.ParseFrom(Bytes(StoreMessages.ToMessage(result))))));
        }

        foreach (var outcome in Enum.GetValues<RangeOutcome>())
        {
            var result = new RangeResult { Outcome = outcome, Revision = 5, Entries = [entry], Count = 6 };
            Assert.Equal(Text(result), Text(StoreMessages.FromMessage(Protocol.RangeResult.Parser.ParseFrom(Bytes(StoreMessages.ToMessage(result))))));
        }

        foreach (var kind in Enum.GetValues<StoreWatchKind>())
        {
            Assert.Equal(kind, StoreMessages.FromMessage(StoreMessages.ToMessage(batch with { Kind = kind }))!.Kind);
        }
    }

    [Fact]
    public void An_answer_that_says_nothing_is_none()
    {
        Assert.Equal(CommitOutcome.Unknown, StoreMessages.FromMessage(new Protocol.CommitResult()).Outcome);
        Assert.Null(StoreMessages.FromMessage(new Protocol.RangeResult()));
        Assert.Null(StoreMessages.FromMessage(new Protocol.StoreWatchBatch()));
    }

    private static byte[] Bytes(Google.Protobuf.IMessage message) => Google.Protobuf.MessageExtensions.ToByteArray(message);

    private static MessageDescriptor Find(string message) => Files.SelectMany(file => file.MessageTypes).Single(type => type.Name == message);

    private static string Snake(string name)
    {
        var text = new StringBuilder();
        for (var at = 0; at < name.Length; at++)
        {
            // An abbreviation, as in HostPID, is one word.
            if (char.IsUpper(name[at]) && at > 0 && char.IsLower(name[at - 1]))
            {
                text.Append('_');
            }

            text.Append(char.ToLowerInvariant(name[at]));
        }

        return text.ToString();
    }

    /// <summary>Everything in an object, in depth.</summary>
    private static string Text(object? value) => value switch
    {
        null => "",
        ReadOnlyMemory<byte> bytes => $"bytes {Convert.ToHexString(bytes.Span)}",
        string or ValueType and not IEnumerable when value.GetType().Namespace == "System" => value.ToString()!,
        IEnumerable many => $"[{string.Join(",", many.Cast<object>().Select(Text))}]",
        _ => $"{{{string.Concat(value.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance).Select(property => $"{property.Name}={Text(property.GetValue(value))};"))}}}",
    };
}
