using Modular.PluginLoader;
using Modular.Testing;

namespace Modular.PluginProcess.Tests;

/// <summary>The native runtime as a plugin under test. What it leaves on purpose, its supervisor, is ended with it.</summary>
internal sealed class RuntimeUnderTest(PluginUnderTest plugin) : IAsyncDisposable
{
    private static readonly TimeSpan EndTimeout = TimeSpan.FromMinutes(2);

    public PluginUnderTest Plugin => plugin;

    /// <summary>The process that keeps the containers; null if none was started.</summary>
    public ProcessRecord? Supervisor => ProcessRecord.Read(Path.Combine(plugin.Context.StateDirectory, "supervisor.pid"));

    public static async Task<RuntimeUnderTest> StartAsync(bool isProcess, PluginLimits? limits = null, Func<PluginProcessOptions, PluginProcessOptions>? change = null)
    {
        var configuration = $$"""{"supervisor":"{{PluginUnderTest.Metadata("Supervisor")}}"}""";
        var test = new RuntimeUnderTest(await PluginUnderTest.StartAsync("runtime-native", isProcess, configuration, limits, change));
        await Eventually.Holds(() => File.Exists(Path.Combine(test.Plugin.Context.StateDirectory, "supervisor.sock")), "the supervisor serves");
        return test;
    }

    public async ValueTask DisposeAsync()
    {
        // First the plugin, which would start another.
        await plugin.EndAsync();
        if (Supervisor is { } supervisor)
        {
            Signals.Send(supervisor, Signals.Terminate);
            await supervisor.WaitForExitAsync(EndTimeout, CancellationToken.None);
        }

        await plugin.DisposeAsync();
    }
}
