using System.Text.Json.Nodes;

namespace Modular.EndToEnd;

/// <summary>A cluster in a directory of its own on a free port, worked through the public commands, and looked at through its API.</summary>
internal sealed class TestCluster : IAsyncDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("modular-e2e-").FullName;
    private readonly ReservedPort _port = new();
    private ClusterApi? _api;

    public int Port => _port.Number;

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
            "kubectl", arguments, input, KubectlEnvironment, cancellationToken);

    /// <summary>What leads kubectl to this cluster, with a discovery cache of its own.</summary>
    public IReadOnlyDictionary<string, string> KubectlEnvironment =>
        new Dictionary<string, string> { ["KUBECONFIG"] = Kubeconfig, ["KUBECACHEDIR"] = Path.Combine(_directory, "kubectl-cache") };

    /// <summary>Its API, from its first start on.</summary>
    public ClusterApi Api => _api ??= new ClusterApi(Kubeconfig, Port);

    /// <summary>Reads objects: of types ("pods,rc"), by labels ("pods", "-l", "app=web"), or by their names ("pod", "web", "shop").</summary>
    public async Task<IReadOnlyList<JsonObject>> GetAsync(CancellationToken cancellationToken, params string[] arguments)
    {
        if (arguments is [_] or [_, "-l", _])
        {
            return await Api.ListAsync(arguments[0], arguments.Length == 1 ? "" : arguments[2], cancellationToken);
        }

        var found = new List<JsonObject>();
        foreach (var name in arguments[1..])
        {
            found.Add(await Api.GetAsync(arguments[0], name, cancellationToken));
        }

        return found;
    }

    /// <summary>Waits until an object is in a state; see <see cref="ClusterApi.WaitAsync"/>.</summary>
    public Task WaitAsync(string what, string state, CancellationToken cancellationToken) => Api.WaitAsync(what, state, cancellationToken);

    public Task<CommandResult> ApplyAsync(string manifest, CancellationToken cancellationToken) =>
        RunAsync(manifest, cancellationToken, "apply", "-f", "-");

    public int SupervisorPid => PidOf("runtime/supervisor");

    public int HostPid => int.Parse(File.ReadAllText(Path.Combine(_directory, "modular.pid")).Split(' ')[0]);

    /// <summary>The process of a pid file below the cluster's state directory.</summary>
    public int PidOf(string file) => int.Parse(File.ReadAllText(Path.Combine(_directory, "run", $"{file}.pid")).Split(' ')[0]);

    /// <summary>The processes of a role that are alive, those included that still carry what they had when they were replaced.</summary>
    public IReadOnlyList<int> ChildrenOf(string role)
    {
        var children = new List<int>();
        foreach (var file in Directory.EnumerateFiles(Path.Combine(_directory, "run", role), "plugin-*.pid"))
        {
            try
            {
                if (int.TryParse(File.ReadAllText(file).Split(' ')[0], out var pid) && Directory.Exists($"/proc/{pid}"))
                {
                    children.Add(pid);
                }
            }
            catch (FileNotFoundException)
            {
                // It has ended meanwhile.
            }
        }

        return children;
    }

    public async ValueTask DisposeAsync()
    {
        _api?.Dispose();
        await RunAsync(CancellationToken.None, "down");
        Directory.Delete(_directory, recursive: true);
        _port.Dispose();
    }
}
