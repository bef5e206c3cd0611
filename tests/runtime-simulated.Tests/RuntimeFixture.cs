using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Modular.Abstractions;

namespace Modular.Plugins.RuntimeSimulated.Tests;

/// <summary>A runtime with a clock that a test moves, and a pod for its containers.</summary>
internal sealed class RuntimeFixture : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("mod-simulated-").FullName;

    public RuntimeFixture(string configuration)
    {
        State = Directory.CreateDirectory(Path.Combine(_root, "state")).FullName;
        Logs = Directory.CreateDirectory(Path.Combine(_root, "logs")).FullName;
        Runtime = Open(configuration);
    }

    public string State { get; }

    public string Logs { get; }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));

    public SimulatedRuntime Runtime { get; private set; }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static SimulatedRuntimeOptions Read(string configuration) => SimulatedRuntimeOptions.Read(JsonElement.Parse(configuration));

    /// <summary>The runtime ends without a word, and another goes on in its place.</summary>
    public void Restart(string configuration)
    {
        Runtime.Dispose();
        Runtime = Open(configuration);
    }

    /// <summary>A container that was not started, in a pod of its own.</summary>
    public async Task<ContainerSpec> MakeAsync(string id, string app)
    {
        var sandbox = new SandboxSpec { Id = $"pod-{id}", PodNamespace = "default", PodName = id, PodUid = $"pod-{id}", Labels = new Dictionary<string, string> { ["app"] = app } };
        await Runtime.EnsureSandboxAsync(sandbox, Token);
        var container = new ContainerSpec { Id = id, SandboxId = sandbox.Id, Name = "main", Image = "any", LogPath = Path.Combine(Logs, $"{id}.log") };
        await Runtime.EnsureContainerAsync(container, Token);
        return container;
    }

    public async Task<ContainerState> FindAsync(string id) => (await Runtime.ListAsync(Token)).Containers.Single(container => container.Id == id);

    public void Dispose()
    {
        Runtime.Dispose();
        Directory.Delete(_root, recursive: true);
    }

    private SimulatedRuntime Open(string configuration) =>
        new(Read(configuration), new SandboxFiles(Path.Combine(State, "sandboxes"), NullLogger.Instance), "1.0.0", Time, NullLogger.Instance);
}
