using System.Diagnostics;
using Modular.Abstractions;
using Modular.PluginTests;

namespace Modular.PluginProcess.Tests;

/// <summary>What every object store has to do, asked of this repository's in a process of its own, which a crash kills. In process it is asked in its own tests.</summary>
public sealed class ObjectStoreInItsOwnProcessTests : ObjectStoreTests
{
    private PluginUnderTest? _test;

    protected override int RandomSteps => 100;

    public override async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await EndAsync();
        await base.DisposeAsync();
    }

    protected override async ValueTask<IObjectStore> OpenAsync()
    {
        await EndAsync();
        _test = await PluginUnderTest.StartAsync("store-embedded", isProcess: true);
        return _test.Provided<IObjectStore>();
    }

    protected override async ValueTask<IObjectStore> ReopenAsync(bool crash)
    {
        if (crash)
        {
            using var process = Process.GetProcessById(_test!.Pid);
            process.Kill();
        }

        await _test!.RestartAsync();
        return _test.Provided<IObjectStore>();
    }

    private async ValueTask EndAsync()
    {
        if (_test is { } test)
        {
            _test = null;
            await test.DisposeAsync();
        }
    }
}
