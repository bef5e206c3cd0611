using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;

namespace Modular.EndToEnd;

/// <summary>A cluster in a directory of its own on a free port, worked through the public commands only.</summary>
internal sealed class TestCluster : IAsyncDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("modular-e2e-").FullName;

    public int Port { get; } = FreePort();

    private string Program { get; init; } = Repository.Modular;

    public string Kubeconfig => Path.Combine(_directory, "kubeconfig");

    public string LogFile => Path.Combine(_directory, "modular.log");

    public string DataDirectory => _directory;

    /// <summary>Starts a cluster and waits until its node is ready.</summary>
    public static Task<TestCluster> StartAsync(CancellationToken cancellationToken, params string[] arguments) =>
        StartAsync(Repository.Modular, cancellationToken, arguments);

    /// <summary>Starts a cluster of another installation than the launcher's.</summary>
    public static async Task<TestCluster> StartAsync(string program, CancellationToken cancellationToken, params string[] arguments)
    {
        var cluster = new TestCluster { Program = program };
        try
        {
            (await cluster.UpAsync(cancellationToken, arguments)).MustSucceed();
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    public Task<CommandResult> UpAsync(CancellationToken cancellationToken, params string[] arguments) =>
        RunAsync(cancellationToken, ["up", "--detach", "--listen", $"127.0.0.1:{Port}", .. arguments]);

    public Task<CommandResult> RunAsync(CancellationToken cancellationToken, params string[] arguments) =>
        RunAsync("", cancellationToken, arguments);

    public Task<CommandResult> RunAsync(string input, CancellationToken cancellationToken, params string[] arguments) =>
        CommandResult.RunAsync(
            Program, [arguments[0], "--data-dir", _directory, .. arguments[1..]], input,
            new Dictionary<string, string>(), cancellationToken);

    /// <summary>Runs kubectl against this cluster, with a discovery cache of its own.</summary>
    public Task<CommandResult> KubectlAsync(CancellationToken cancellationToken, params string[] arguments) =>
        KubectlAsync("", cancellationToken, arguments);

    public Task<CommandResult> KubectlAsync(string input, CancellationToken cancellationToken, params string[] arguments) =>
        CommandResult.RunAsync(
            "kubectl", ["--cache-dir", Path.Combine(_directory, "kubectl-cache"), .. arguments], input,
            new Dictionary<string, string> { ["KUBECONFIG"] = Kubeconfig }, cancellationToken);

    /// <summary>Reads objects as JSON; a single object comes as a list of one.</summary>
    public async Task<IReadOnlyList<JsonObject>> GetAsync(CancellationToken cancellationToken, params string[] arguments)
    {
        var result = (await RunAsync(cancellationToken, ["get", "-o", "json", .. arguments])).MustSucceed();
        var document = JsonNode.Parse(result.Output)!.AsObject();
        return document["kind"]!.GetValue<string>() == "List"
            ? [.. document["items"]!.AsArray().Select(item => item!.AsObject())]
            : [document];
    }

    public Task<CommandResult> ApplyAsync(string manifest, CancellationToken cancellationToken) =>
        RunAsync(manifest, cancellationToken, "apply", "-f", "-");

    public int SupervisorPid => PidOf("runtime/supervisor");

    public int HostPid => int.Parse(File.ReadAllText(Path.Combine(_directory, "modular.pid")).Split(' ')[0]);

    /// <summary>The process of a pid file below the cluster's state directory.</summary>
    public int PidOf(string file) => int.Parse(File.ReadAllText(Path.Combine(_directory, "run", $"{file}.pid")).Split(' ')[0]);

    public async ValueTask DisposeAsync()
    {
        await RunAsync(CancellationToken.None, "down");
        Directory.Delete(_directory, recursive: true);
    }

    public static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
