using Modular.Abstractions;
using Modular.PluginTests;

namespace Modular.PluginProcess.Tests;

/// <summary>What every container runtime has to do, asked of this repository's, here and in a process of its own.</summary>
public abstract class RuntimeConformance(bool isProcess) : ContainerRuntimeTests
{
    private RuntimeUnderTest? _test;

    protected override IReadOnlyList<string> Directories => [_test!.Plugin.Context.DataDirectory, _test.Plugin.Context.StateDirectory];

    protected override string LogDirectory => Directory.CreateDirectory(Path.Combine(_test!.Plugin.PluginRoot, "logs")).FullName;

    public override async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_test is not null)
        {
            await _test.DisposeAsync();
        }

        await base.DisposeAsync();
    }

    protected override async ValueTask<IContainerRuntime> StartAsync()
    {
        _test = await RuntimeUnderTest.StartAsync(isProcess);
        return _test.Plugin.Runtime;
    }

    protected override async ValueTask<IContainerRuntime> RestartAsync()
    {
        await _test!.Plugin.RestartAsync();
        return _test.Plugin.Runtime;
    }
}

public sealed class NativeRuntimeInProcessTests() : RuntimeConformance(isProcess: false);

public sealed class NativeRuntimeInItsOwnProcessTests() : RuntimeConformance(isProcess: true);
