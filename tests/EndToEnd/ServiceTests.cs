using System.Diagnostics;
using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;

namespace Modular.EndToEnd;

/// <summary>Services under load while everything around them changes: no request fails, and what stays connected is not cut.</summary>
public sealed class ServiceTests
{
    private const int WebPort = 8080;
    private const int RawPort = 9090;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static string Manifest(int grace) => $$$"""
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

    private static string Staying(string address, int port) => $$$"""
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

    [Theory]
    [MemberData(nameof(ClusterModes.Both), MemberType = typeof(ClusterModes))]
    public async Task No_request_fails_while_pods_roll_and_the_proxy_and_the_name_server_are_exchanged(string mode)
    {
        using var installation = new Installation();
        installation.AddBuild("proxy-yarp", "0.9.9");
        installation.AddBuild("dns", "0.9.9");
        await using var staying = new StayingServer();
        await using var cluster = await TestCluster.StartAsync(installation.Modular, Token, "--mode", mode);
        await SwapToOldestAsync(cluster);
        (await cluster.ApplyAsync(Manifest(grace: 10), Token)).MustSucceed();
        (await cluster.ApplyAsync(Staying(await NodeAddressAsync(cluster), staying.Port), Token)).MustSucceed();
        await ReadyAsync(cluster, 3);
        var roll = await AddressAsync(cluster, "default", "roll");
        var stay = await AddressAsync(cluster, "default", "stay");

        await using var webNew = Load.OnNewConnections(new IPEndPoint(roll, WebPort));
        await using var rawNew = Load.OnNewConnections(new IPEndPoint(roll, RawPort));
        await using var webKept = await Load.OnOneConnectionAsync(new IPEndPoint(roll, WebPort), Token);
        await using var names = Load.OfNames(await NameServerAsync(cluster), Question("roll.default.svc.cluster.local"), (answer, length) => EndsWith(answer, length, roll));
        Load[] loads = [webNew, rawNew, webKept, names];
        using var webSocket = await ConnectAsync(new Uri($"ws://{stay}:{WebPort}/"));
        using var rawSocket = await ConnectAsync(new Uri($"ws://{stay}:{RawPort}/"));
        using var http = new HttpClient();
        var download = CountAsync(http, new Uri($"http://{stay}:{WebPort}/"));
        await MoreAsync(loads);

        await ScaleAsync(cluster, 6);
        await SwapAsync(cluster, "service-proxy", "proxy-yarp");
        await MoreAsync(loads);
        await ScaleAsync(cluster, 2);
        await SwapAsync(cluster, "dns", "dns");
        foreach (var pod in await PodsAsync(cluster))
        {
            (await cluster.RunAsync(Token, "delete", "pod", pod)).MustSucceed();
            await ReadyAsync(cluster, 2);
        }

        await MoreAsync(loads);
        Assert.Equal("still", await EchoAsync(webSocket, "still"));
        Assert.Equal("here", await EchoAsync(rawSocket, "here"));
        staying.EndStreams();
        Assert.True(await download > 100);
        foreach (var load in loads)
        {
            Assert.Empty(await load.StopAsync());
        }
    }

    [Theory]
    [MemberData(nameof(ClusterModes.Both), MemberType = typeof(ClusterModes))]
    public async Task A_pod_that_goes_serves_its_connections_to_their_end_and_then_goes(string mode)
    {
        await using var cluster = await TestCluster.StartAsync(Token, "--mode", mode);
        (await cluster.ApplyAsync(Manifest(grace: 600), Token)).MustSucceed();
        await ReadyAsync(cluster, 3);
        var roll = new IPEndPoint(await AddressAsync(cluster, "default", "roll"), RawPort);
        var connection = await HttpConversation.OpenAsync(roll, Token);
        var pod = (await connection.AskAsync(Token)).Split(' ')[0];

        (await cluster.RunAsync(Token, "delete", "pod", pod, "--wait=false")).MustSucceed();
        (await cluster.RunAsync(Token, "wait", "rc/roll", "--for=jsonpath={.status.readyReplicas}=3", "--timeout=60s")).MustSucceed();
        for (var i = 0; i < 9; i++)
        {
            using var other = await HttpConversation.OpenAsync(roll, Token);
            Assert.DoesNotContain(pod, await other.AskAsync(Token), StringComparison.Ordinal);
        }

        Assert.StartsWith(pod, await connection.AskAsync(Token), StringComparison.Ordinal);
        connection.Dispose();
        (await cluster.RunAsync(Token, "wait", $"pod/{pod}", "--for=delete", "--timeout=60s")).MustSucceed();
    }

    [Theory]
    [MemberData(nameof(ClusterModes.Both), MemberType = typeof(ClusterModes))]
    public async Task A_node_in_a_process_of_its_own_goes_on_while_the_API_server_is_away(string mode)
    {
        await using var staying = new StayingServer();
        await using var cluster = await TestCluster.StartAsync(
            Token, "--mode", mode, "--distribution", Path.Combine(Repository.Root, "distributions", "split.yaml"));
        var inventory = new MachineInventory(cluster.DataDirectory);
        (await cluster.ApplyAsync(Manifest(grace: 10), Token)).MustSucceed();
        (await cluster.ApplyAsync(Staying(await NodeAddressAsync(cluster), staying.Port), Token)).MustSucceed();
        await ReadyAsync(cluster, 3);
        var roll = await AddressAsync(cluster, "default", "roll");
        var stay = await AddressAsync(cluster, "default", "stay");
        await using var webNew = Load.OnNewConnections(new IPEndPoint(roll, WebPort));
        await using var rawNew = Load.OnNewConnections(new IPEndPoint(roll, RawPort));
        await using var webKept = await Load.OnOneConnectionAsync(new IPEndPoint(roll, WebPort), Token);
        await using var names = Load.OfNames(await NameServerAsync(cluster), Question("roll.default.svc.cluster.local"), (answer, length) => EndsWith(answer, length, roll));
        Load[] loads = [webNew, rawNew, webKept, names];
        using var webSocket = await ConnectAsync(new Uri($"ws://{stay}:{WebPort}/"));
        await MoreAsync(loads);

        Process.GetProcessById(cluster.HostPid).Kill();
        await MoreAsync(loads);
        (await cluster.UpAsync(Token)).MustSucceed();
        (await cluster.RunAsync(Token, "down", "--api-only")).MustSucceed();
        await MoreAsync(loads);
        (await cluster.UpAsync(Token)).MustSucceed();
        await MoreAsync(loads);

        // The new API server finds the node where it is: its streams, its plugins, its pods.
        await ScaleAsync(cluster, 5);
        var pod = (await PodsAsync(cluster))[0];
        Assert.Contains("serving", (await cluster.RunAsync(Token, "logs", pod)).MustSucceed().Output, StringComparison.Ordinal);
        Assert.Equal("in\n", (await cluster.RunAsync("in\n", Token, "exec", "-i", pod, "--", "cat")).MustSucceed().Output);
        (await cluster.RunAsync(Token, "plugins", "swap", "service-proxy", "proxy-yarp")).MustSucceed();
        await MoreAsync(loads);
        await ScaleAsync(cluster, 2);
        Assert.Equal("still", await EchoAsync(webSocket, "still"));
        foreach (var load in loads)
        {
            Assert.Empty(await load.StopAsync());
        }

        Assert.All(
            (await cluster.GetAsync(Token, "pods")).SelectMany(found => found["status"]!["containerStatuses"]!.AsArray()),
            status => Assert.Equal(0, status!["restartCount"]!.GetValue<int>()));
        (await cluster.RunAsync(Token, "down")).MustSucceed();
        Assert.Empty(inventory.Find());
    }

    // The newest build is taken at the start.
    private static async Task SwapToOldestAsync(TestCluster cluster)
    {
        foreach (var (role, plugin) in ((string, string)[])[("service-proxy", "proxy-yarp"), ("dns", "dns")])
        {
            (await cluster.RunAsync(Token, "plugins", "swap", role, plugin, "--version", "0.1.0")).MustSucceed();
        }
    }

    private static async Task SwapAsync(TestCluster cluster, string role, string plugin) =>
        Assert.Equal($"plugin/{role} is {plugin} 0.9.9\n", (await cluster.RunAsync(Token, "plugins", "swap", role, plugin)).MustSucceed().Output);

    private static async Task MoreAsync(IEnumerable<Load> loads)
    {
        foreach (var load in loads)
        {
            await load.WaitForMoreAsync(50, Token);
        }
    }

    private static async Task ScaleAsync(TestCluster cluster, int replicas)
    {
        (await cluster.RunAsync(Token, "scale", "rc/roll", "--replicas", $"{replicas}")).MustSucceed();
        await ReadyAsync(cluster, replicas);
    }

    private static async Task ReadyAsync(TestCluster cluster, int replicas)
    {
        (await cluster.RunAsync(Token, "wait", "rc/roll", $"--for=jsonpath={{.status.readyReplicas}}={replicas}", "--timeout=90s")).MustSucceed();
        while ((await PodsAsync(cluster)).Count != replicas)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), Token);
        }
    }

    private static async Task<IReadOnlyList<string>> PodsAsync(TestCluster cluster) =>
        [.. (await cluster.GetAsync(Token, "pods", "-l", "app=roll")).Select(pod => pod["metadata"]!["name"]!.GetValue<string>())];

    private static async Task<IPAddress> AddressAsync(TestCluster cluster, string ns, string service) =>
        IPAddress.Parse((await cluster.GetAsync(Token, "service", service, "-n", ns))[0]["spec"]!["clusterIP"]!.GetValue<string>());

    // An address of this machine at which pods and services find what runs on it.
    private static async Task<string> NodeAddressAsync(TestCluster cluster)
    {
        while (true)
        {
            if ((await cluster.GetAsync(Token, "endpoints")).FirstOrDefault(e => e["metadata"]!["name"]!.GetValue<string>() == "kubernetes") is { } kubernetes)
            {
                return kubernetes["subsets"]![0]!["addresses"]![0]!["ip"]!.GetValue<string>();
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), Token);
        }
    }

    private static async Task<IPEndPoint> NameServerAsync(TestCluster cluster)
    {
        var spec = (await cluster.GetAsync(Token, "service", "kube-dns", "-n", "kube-system"))[0]["spec"]!;
        return new IPEndPoint(IPAddress.Parse(spec["clusterIP"]!.GetValue<string>()), spec["ports"]![0]!["port"]!.GetValue<int>());
    }

    private static async Task<ClientWebSocket> ConnectAsync(Uri uri)
    {
        var socket = new ClientWebSocket();
        await socket.ConnectAsync(uri, Token);
        return socket;
    }

    private static async Task<string> EchoAsync(ClientWebSocket socket, string text)
    {
        await socket.SendAsync(Encoding.ASCII.GetBytes(text), WebSocketMessageType.Text, endOfMessage: true, Token);
        var buffer = new byte[64];
        return Encoding.ASCII.GetString(buffer, 0, (await socket.ReceiveAsync(buffer, Token)).Count);
    }

    // Every number once and in its order; how many there were.
    private static async Task<int> CountAsync(HttpClient http, Uri uri)
    {
        using var reader = new StreamReader(await http.GetStreamAsync(uri, Token));
        var next = 0;
        while (await reader.ReadLineAsync(Token) is { } line)
        {
            Assert.Equal($"{next++}", line);
        }

        return next;
    }

    private static byte[] Question(string name)
    {
        using var message = new MemoryStream();
        message.Write([0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
        foreach (var label in name.Split('.'))
        {
            message.WriteByte((byte)label.Length);
            message.Write(Encoding.ASCII.GetBytes(label));
        }

        message.Write([0, 0, 1, 0, 1]);
        return message.ToArray();
    }

    private static bool EndsWith(byte[] answer, int length, IPAddress address) => answer.AsSpan(0, length).EndsWith(address.GetAddressBytes());
}
