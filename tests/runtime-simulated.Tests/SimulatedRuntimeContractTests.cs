using System.Globalization;
using Modular.Abstractions;
using Modular.PluginTests;

namespace Modular.Plugins.RuntimeSimulated.Tests;

/// <summary>What every container runtime has to do. Containers are told to end by a label.</summary>
public sealed class SimulatedRuntimeContractTests : ContainerRuntimeTests
{
    private const string Lives = """
        {"lives": [
            {"selector": {"exit": "0"}, "state": "Exited"},
            {"selector": {"exit": "3"}, "state": "Exited", "exitCode": 3}
        ]}
        """;

    private readonly RuntimeFixture _fixture = new(Lives);

    protected override IReadOnlyList<string> Directories => [_fixture.State];

    protected override string LogDirectory => _fixture.Logs;

    protected override bool RunsCommands => false;

    protected override string? MissingImage => null;

    protected override IReadOnlyList<string> Ending(int code) => ["exit", code.ToString(CultureInfo.InvariantCulture)];

    protected override IReadOnlyDictionary<string, string> LabelsFor(IReadOnlyList<string> command) =>
        command is ["exit", var code] ? new Dictionary<string, string> { ["exit"] = code } : base.LabelsFor(command);

    protected override ValueTask<IContainerRuntime> StartAsync() => ValueTask.FromResult<IContainerRuntime>(_fixture.Runtime);

    protected override ValueTask<IContainerRuntime> RestartAsync()
    {
        _fixture.Restart(Lives);
        return ValueTask.FromResult<IContainerRuntime>(_fixture.Runtime);
    }

    public override async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        _fixture.Dispose();
        await base.DisposeAsync();
    }
}
