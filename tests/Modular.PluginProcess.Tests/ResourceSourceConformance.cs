using Modular.Abstractions;
using Modular.PluginTests;

namespace Modular.PluginProcess.Tests;

/// <summary>What every resource source has to do, asked of this repository's, here and in a process of its own.</summary>
public abstract class ResourceSourceConformance(bool isProcess) : ResourceSourceTests
{
    private PluginUnderTest? _test;

    public override async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_test is not null)
        {
            await _test.DisposeAsync();
        }

        await base.DisposeAsync();
    }

    protected override async ValueTask<IResourceSource> StartAsync()
    {
        _test = await PluginUnderTest.StartAsync("resources-kubernetes", isProcess);
        return _test.Provided<IResourceSource>();
    }
}

public sealed class KubernetesInProcessTests() : ResourceSourceConformance(isProcess: false);

public sealed class KubernetesInItsOwnProcessTests() : ResourceSourceConformance(isProcess: true);
