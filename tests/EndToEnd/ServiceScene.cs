using System.Net;

namespace Modular.EndToEnd;

/// <summary>
/// Two services of a cluster: <c>roll</c> leads to pods that come and go, <c>stay</c> to a server that stays. All is done by the public
/// commands.
/// </summary>
internal sealed class ServiceScene(TestCluster cluster, CancellationToken token)
{
    private const int WebPort = 8080;
    private const int RawPort = 9090;

    /// <summary>The port of either service that is proxied as HTTP.</summary>
    public IPEndPoint RollWeb { get; private set; } = null!;

    /// <summary>The port of either service that is passed through.</summary>
    public IPEndPoint RollRaw { get; private set; } = null!;

    public IPEndPoint StayWeb { get; private set; } = null!;

    public IPEndPoint StayRaw { get; private set; } = null!;

    public IPEndPoint NameServer { get; private set; } = null!;

    /// <summary>Makes both services, and three pods with this grace.</summary>
    public async Task SetUpAsync(int grace, StayingServer staying)
    {
        (await cluster.ApplyAsync(Roll(grace), token)).MustSucceed();
        (await cluster.ApplyAsync(Stay(await NodeAddressAsync(), staying.Port), token)).MustSucceed();
        await ReadyAsync(3);
        var (roll, stay) = (await AddressAsync("roll"), await AddressAsync("stay"));
        (RollWeb, RollRaw) = (new IPEndPoint(roll, WebPort), new IPEndPoint(roll, RawPort));
        (StayWeb, StayRaw) = (new IPEndPoint(stay, WebPort), new IPEndPoint(stay, RawPort));
        var dns = (await cluster.Api.GetAsync("service", "kube-dns", token, "kube-system"))["spec"]!;
        NameServer = new IPEndPoint(IPAddress.Parse(dns["clusterIP"]!.GetValue<string>()), dns["ports"]![0]!["port"]!.GetValue<int>());
        // That pods are ready is known before their services lead to them.
        foreach (var service in (IPEndPoint[])[RollWeb, RollRaw])
        {
            await ReachedAsync(() => Load.OnNewConnections(service));
        }

        foreach (var service in (IPEndPoint[])[StayWeb, StayRaw])
        {
            await ReachedAsync(() => Load.OfConnections(service));
        }

        await ReachedAsync(() => ServiceLoads.OfNames(this));
    }

    /// <summary>Changes everything once: pods are added, taken away and replaced, and proxy and name server exchanged.</summary>
    public async Task ChangeEverythingAsync()
    {
        await ScaleAsync(6);
        await SwapAsync("service-proxy", "proxy-yarp");
        await ScaleAsync(2);
        await SwapAsync("dns", "dns");
        foreach (var pod in await PodsAsync())
        {
            (await cluster.RunAsync(token, "delete", "pod", pod)).MustSucceed();
            await ReadyAsync(2);
        }
    }

    /// <summary>Exchanges a plugin for the newest build of it, or for another instance if it runs already.</summary>
    public async Task SwapAsync(string role, string plugin) => (await cluster.RunAsync(token, "plugins", "swap", role, plugin)).MustSucceed();

    public async Task ScaleAsync(int replicas)
    {
        (await cluster.RunAsync(token, "scale", "rc/roll", "--replicas", $"{replicas}")).MustSucceed();
        await ReadyAsync(replicas);
    }

    public async Task<IReadOnlyList<string>> PodsAsync() =>
        [.. (await cluster.GetAsync(token, "pods", "-l", "app=roll")).Select(pod => pod["metadata"]!["name"]!.GetValue<string>())];

    private async Task ReachedAsync(Func<Load> open)
    {
        while (true)
        {
            await using var load = open();
            await load.WaitForMoreAsync(1, token);
            if ((await load.StopAsync()).Count == 0)
            {
                return;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), token);
        }
    }

    private async Task ReadyAsync(int replicas)
    {
        await cluster.WaitAsync("rc/roll", $"jsonpath={{.status.readyReplicas}}={replicas}", token);
        while ((await PodsAsync()).Count != replicas)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), token);
        }
    }

    private async Task<IPAddress> AddressAsync(string service) =>
        IPAddress.Parse((await cluster.GetAsync(token, "service", service))[0]["spec"]!["clusterIP"]!.GetValue<string>());

    // An address of this machine at which pods and services find what runs on it.
    private async Task<string> NodeAddressAsync()
    {
        while (true)
        {
            if ((await cluster.GetAsync(token, "endpoints")).FirstOrDefault(e => e["metadata"]!["name"]!.GetValue<string>() == "kubernetes") is { } kubernetes)
            {
                return kubernetes["subsets"]![0]!["addresses"]![0]!["ip"]!.GetValue<string>();
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), token);
        }
    }

    private static string Roll(int grace) => $$$"""
        apiVersion: v1
        kind: ReplicationController
        metadata: {name: roll}
        spec:
          replicas: 3
          selector: {app: roll}
          template:
            metadata: {labels: {app: roll}}
            spec:
              terminationGracePeriodSeconds: {{{grace}}}
              containers:
              - name: web
                image: modular
                args: [web, --port, "7070"]
                readinessProbe: {httpGet: {path: /, port: 7070}, periodSeconds: 1}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: roll}
        spec:
          selector: {app: roll}
          ports:
          - {name: web, port: {{{WebPort}}}, targetPort: 7070, appProtocol: http}
          - {name: raw, port: {{{RawPort}}}, targetPort: 7070}
        """;

    private static string Stay(string address, int port) => $$$"""
        apiVersion: v1
        kind: Service
        metadata: {name: stay}
        spec: {ports: [{name: web, port: {{{WebPort}}}, appProtocol: http}, {name: raw, port: {{{RawPort}}}}]}
        ---
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata: {name: stay, labels: {kubernetes.io/service-name: stay}}
        addressType: IPv4
        ports: [{name: web, port: {{{port}}}}, {name: raw, port: {{{port}}}}]
        endpoints: [{addresses: [{{{address}}}], conditions: {ready: true}}]
        """;
}
