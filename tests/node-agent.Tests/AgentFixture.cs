using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Modular.Abstractions;
using Modular.ApiMachinery;
using Modular.Models;
using Modular.Plugins.NodeAgent.Containers;
using Modular.Plugins.NodeAgent.Endpoint;
using Modular.Plugins.NodeAgent.Pods;
using Modular.Plugins.NodeAgent.Volumes;
using Modular.Toolkit;

namespace Modular.Plugins.NodeAgent.Tests;

/// <summary>An agent between an API in memory and a runtime that a test commands.</summary>
public sealed class AgentFixture : IAsyncDisposable
{
    private CancellationTokenSource _stop = new();
    private CancellationTokenSource _stopAgent = new();
    private Task _running = Task.CompletedTask;
    private Task _agentRunning = Task.CompletedTask;
    private readonly bool _isolated;
    private AgentServices? _services;
    private NodeAgent? _agent;

    public AgentFixture(string mode = "process")
    {
        Runtime = new FakeRuntime(Time) { Mode = mode };
        _isolated = mode == "isolated";
        Start();
    }

    internal FakeTimeProvider Time { get; } = new(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));

    internal MemoryApi Api { get; } = new();

    internal FakeRuntime Runtime { get; }

    internal FakePodNetwork PodNetwork { get; } = new();

    internal FakeProxy Proxy { get; } = new();

    internal string Root { get; } = Directory.CreateTempSubdirectory("mod-agent-").FullName;

    internal NodeEndpoint Endpoint { get; private set; } = null!;

    /// <summary>The agent ends without a word; the runtime and the API stay.</summary>
    internal async Task KillAsync()
    {
        await _stop.CancelAsync();
        await _running;
        await _agent!.DisposeAsync();
        await _services!.References.DisposeAsync();
        await _services!.Events.DisposeAsync();
        _stopAgent.Dispose();
        _stop.Dispose();
    }

    /// <summary>Another agent takes over; what this one has begun to stream goes on.</summary>
    internal async Task RetireAsync()
    {
        await _stopAgent.CancelAsync();
        await _agentRunning;
        await _agent!.DisposeAsync();
    }

    internal void Start()
    {
        _stop = new CancellationTokenSource();
        _stopAgent = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        var view = new RuntimeView(new FixedHandle<IContainerRuntime>(Runtime), Time, NullLogger.Instance);
        _services = new AgentServices
        {
            NodeName = "node-a",
            NodeAddress = "10.0.0.1",
            Network = new ClusterNetwork { Domain = "cluster.test", Isolated = _isolated },
            Options = new NodeAgentOptions(),
            Directories = new PodDirectories(Path.Combine(Root, "pods")),
            Api = Api,
            Services = new KnownServices(Api, Time, NullLogger.Instance),
            References = new ReferencedObjects(Api),
            Runtime = view,
            Attachments = new PodAttachments(new FixedHandle<IPodNetwork>(PodNetwork), _isolated),
            Drain = new EndpointDrain(new FixedHandle<IServiceProxy>(Proxy), Time),
            Events = new EventRecorder(Api, "kubelet", Time, NullLogger.Instance, "node-a"),
            Time = Time,
            Log = NullLogger.Instance,
        };
        _agent = new NodeAgent(_services);
        Endpoint = new NodeEndpoint(_services, _agent);
        _agentRunning = _agent.RunAsync(_stopAgent.Token);
        _running = Task.WhenAll(view.RunAsync(_stop.Token), _services.Services.RunAsync(_stop.Token), _agentRunning);
    }

    /// <summary>A pod that the scheduler has bound here. The name is its uid too.</summary>
    internal ResourceName Bind(string name, string spec = """{"containers":[{"name":"main","image":"modular"}]}""")
    {
        var pod = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Pod",
            ["metadata"] = new JsonObject
            {
                ["name"] = name,
                ["namespace"] = "default",
                ["uid"] = name,
                ["generation"] = 1,
                ["labels"] = new JsonObject { ["app"] = "web" },
            },
            ["spec"] = JsonNode.Parse(spec),
            ["status"] = new JsonObject { ["phase"] = "Pending" },
        };
        pod["spec"]!["nodeName"] = "node-a";
        Api.Put(KubernetesResources.Pods, pod);
        return new ResourceName(KubernetesResources.Pods, "default", name);
    }

    /// <summary>What a graceful DELETE does to the object.</summary>
    internal void Delete(ResourceName name, int grace)
    {
        var pod = Api.Find(name)!.ToJsonObject();
        pod["metadata"]!["deletionTimestamp"] = StatusPatch.Timestamp(Time.GetUtcNow() + TimeSpan.FromSeconds(grace));
        pod["metadata"]!["deletionGracePeriodSeconds"] = grace;
        Api.Put(KubernetesResources.Pods, pod);
    }

    internal PodStatus Status(ResourceName name) => Api.Find(name)!.AsPod().Status;

    internal ContainerStatus? Container(ResourceName name, string container = "main") =>
        Api.Find(name)?.AsPod().Status.ContainerStatuses.FirstOrDefault(status => status.Name == container);

    internal Task UntilAsync(Func<bool> condition, [System.Runtime.CompilerServices.CallerArgumentExpression(nameof(condition))] string what = "") =>
        Api.UntilAsync(condition, what);

    internal Task UntilReadyAsync(ResourceName name) => UntilAsync(() => Status(name) is { Phase: "Running", IsReady: true });

    /// <summary>Lets seconds pass until something holds; timers set meanwhile count from then.</summary>
    internal async Task AdvanceUntilAsync(Func<bool> condition, TimeSpan? step = null)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (!condition())
        {
            Time.Advance(step ?? TimeSpan.FromSeconds(1));
            await Task.Delay(5, limit.Token);
        }
    }

    internal Task UntilEventAsync(string reason) => UntilAsync(() => Events(reason).Any());

    internal IEnumerable<Event> Events(string reason) =>
        Api.All(KubernetesResources.Events).Select(entry => entry.AsEvent()).Where(entry => entry.Reason == reason);

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _services!.Directories.UnmountAll();
        Directory.Delete(Root, recursive: true);
    }
}
