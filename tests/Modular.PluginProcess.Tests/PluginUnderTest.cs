using System.Diagnostics;
using System.Reflection;
using System.Text.Json.Nodes;
using Modular.Abstractions;
using Modular.Fixtures;
using Modular.PluginLoader;
using Modular.Testing;

namespace Modular.PluginProcess.Tests;

/// <summary>A plugin, started as a host starts it, in this process or in one of its own.</summary>
internal sealed class PluginUnderTest : IAsyncDisposable
{
    private readonly InstalledFixtures _installed = new();
    private TestContextOfPlugin? _context;
    private IPlugin? _plugin;

    public TestContextOfPlugin Context => _context!;

    public IScheduler Scheduler => (IScheduler)Context.Provided[typeof(IScheduler)];

    /// <summary>The process of the plugin; 0 if there is none.</summary>
    public int Pid => Directory.EnumerateFiles(Context.StateDirectory, "*.pid").Select(ProcessRecord.Read).FirstOrDefault(record => record is { IsAlive: true })?.Pid ?? 0;

    public string PluginRoot => _installed.PluginRoot;

    private static string Repository => Metadata("Repository");

    public PluginProcessOptions Options { get; init; } = new()
    {
        Executable = Path.Combine(Metadata("PluginFixture:Modular.Host"), "modular"),
        WriteKubeconfig = (plugin, path) => File.WriteAllText(path, plugin.Name),
        CheckInterval = TimeSpan.FromSeconds(1),
    };

    /// <summary>Starts one of this repository's plugins.</summary>
    public static async Task<PluginUnderTest> StartAsync(string plugin, bool isProcess, string configuration = "{}")
    {
        var test = new PluginUnderTest();
        var folder = test._installed.Install(plugin);
        await test.RunAsync(new InstalledPlugin(folder, Read(folder)), isProcess ? new PluginProcessLoader(test.Options) : new McMasterPluginLoader(), configuration);
        return test;
    }

    /// <summary>Starts the sample in Python.</summary>
    public static async Task<PluginUnderTest> StartPythonAsync(string configuration = "{}")
    {
        var test = new PluginUnderTest();
        var folder = Directory.CreateDirectory(Path.Combine(test._installed.PluginRoot, "scheduler-python", "0.1.0")).FullName;
        foreach (var file in new[] { "plugin.json", "scheduler.py" })
        {
            File.Copy(Path.Combine(Repository, "samples", "scheduler-python", file), Path.Combine(folder, file));
        }

        var protos = Path.Combine(Repository, "core", "Modular.PluginProcess", "protos");
        using var protoc = Process.Start("protoc", ["-I", protos, $"--python_out={folder}", "plugin.proto", "scheduler.proto"]);
        await protoc.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, protoc.ExitCode);
        await test.RunAsync(new InstalledPlugin(folder, Read(folder)), new PluginProcessLoader(test.Options), configuration);
        return test;
    }

    /// <summary>Starts a shell script as a plugin.</summary>
    public static PluginUnderTest Script(string script, TimeSpan? greetingTimeout = null)
    {
        var test = new PluginUnderTest();
        test = new PluginUnderTest { Options = test.Options with { GreetingTimeout = greetingTimeout ?? test.Options.GreetingTimeout } };
        var folder = Directory.CreateDirectory(Path.Combine(test._installed.PluginRoot, "script", "0.1.0")).FullName;
        var manifest = new JsonObject
        {
            ["schemaVersion"] = 1,
            ["id"] = "script",
            ["displayName"] = "A script",
            ["description"] = "Misbehaves.",
            ["version"] = "0.1.0",
            ["provides"] = new JsonArray(new JsonObject { ["contract"] = "modular.scheduler", ["range"] = "[0.1.0,0.2.0)" }),
            ["command"] = new JsonArray("sh", "-c", script),
            ["isolation"] = "process",
        };
        File.WriteAllText(Path.Combine(folder, PluginManifestReader.FileName), manifest.ToJsonString());
        return test;
    }

    public Task RunScriptAsync() => RunScriptAsync(PluginLimits.None);

    public Task RunScriptAsync(PluginLimits limits)
    {
        var folder = Path.Combine(_installed.PluginRoot, "script", "0.1.0");
        return RunAsync(new InstalledPlugin(folder, Read(folder)), new PluginProcessLoader(Options), "{}", limits);
    }

    /// <summary>Waits until another process than a former one serves.</summary>
    public Task UntilReplacedAsync(int pid) => Eventually.Holds(() => Pid != 0 && Pid != pid && Context.Ready.Ready, "another process runs");

    public async Task StopAsync() => await _plugin!.StopAsync(StopReason.Removed, TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (_plugin is not null)
        {
            await _plugin.DisposeAsync();
        }

        _context?.Dispose();
        _installed.Dispose();
    }

    public static InstalledPlugin Find(PluginUnderTest test, string plugin, Action<JsonObject> change)
    {
        var folder = test._installed.Install(plugin, change);
        return new InstalledPlugin(folder, Read(folder));
    }

    private async Task RunAsync(InstalledPlugin installed, IPluginLoader loader, string configuration, PluginLimits? limits = null)
    {
        var token = TestContext.Current.CancellationToken;
        _context = new TestContextOfPlugin(_installed.Root, new PluginIdentity("scheduler", installed.Manifest.Id, "0.1.0", 1), configuration);
        _plugin = loader.Load(installed, limits ?? PluginLimits.None).Create();
        await _plugin.ProvisionAsync(_context, token);
        await _plugin.StartAsync(token);
    }

    private static PluginManifest Read(string folder) => PluginManifestReader.ReadFile(Path.Combine(folder, PluginManifestReader.FileName));

    private static string Metadata(string key) =>
        typeof(PluginUnderTest).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(entry => entry.Key == key).Value!;
}
