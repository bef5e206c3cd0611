using System.Diagnostics;
using System.Net;
using System.Reflection;
using System.Text.Json.Nodes;
using Modular.Abstractions;
using Modular.Fixtures;
using Modular.Kernel.Plugins;
using Modular.PluginLoader;
using Modular.Testing;

namespace Modular.PluginProcess.Tests;

/// <summary>A plugin, started as a host starts it, in this process or in one of its own.</summary>
internal sealed class PluginUnderTest : IAsyncDisposable
{
    private readonly InstalledFixtures _installed = new();
    private readonly HostListeners _listeners = new(TimeProvider.System, TimeSpan.Zero, IPNetwork.Parse("198.51.100.0/24"));
    private TestContextOfPlugin? _context;
    private IPlugin? _plugin;
    private Func<Task>? _again;

    public TestContextOfPlugin Context => _context!;

    public IScheduler Scheduler => Provided<IScheduler>();

    public IContainerRuntime Runtime => Provided<IContainerRuntime>();

    /// <summary>The process of the plugin; 0 if there is none.</summary>
    public int Pid => Directory.EnumerateFiles(Context.StateDirectory, "plugin-*.pid").Select(ProcessRecord.Read).FirstOrDefault(record => record is { IsAlive: true })?.Pid ?? 0;

    public string PluginRoot => _installed.PluginRoot;

    private static string Repository => Metadata("Repository");

    /// <summary>The published program, whose processes start in half the time that one just built takes; <c>./test</c> builds it first.</summary>
    private static string Program
    {
        get
        {
            var path = Path.Combine(Repository, "artifacts", "dist", "host", "modular");
            return File.Exists(path) ? path : throw new FileNotFoundException("run ./modular version once, which builds it", path);
        }
    }

    public PluginProcessOptions Options { get; init; } = new()
    {
        Executable = Program,
        WriteKubeconfig = (_, path) => SilentKubeconfig.Write(path),
        // A process is not lost because the machine is slow; where it matters, a test says so.
        GreetingTimeout = TimeSpan.FromMinutes(2),
        CallTimeout = TimeSpan.FromMinutes(1),
        CheckInterval = TimeSpan.FromSeconds(20),
        EndTimeout = TimeSpan.FromSeconds(10),
    };

    /// <summary>Starts one of this repository's plugins.</summary>
    public static async Task<PluginUnderTest> StartAsync(
        string plugin, bool isProcess, string configuration = "{}", PluginLimits? limits = null, Func<PluginProcessOptions, PluginProcessOptions>? change = null,
        Action<TestContextOfPlugin>? prepare = null)
    {
        var test = new PluginUnderTest();
        var folder = test._installed.Install(plugin);
        IPluginLoader loader = isProcess ? new PluginProcessLoader(change?.Invoke(test.Options) ?? test.Options) : new McMasterPluginLoader();
        await test.RunAsync(new InstalledPlugin(folder, Read(folder)), loader, configuration, limits, prepare);
        return test;
    }

    /// <summary>Starts another instance, which takes over from this one, as the next host would.</summary>
    public async Task RestartAsync()
    {
        await EndAsync();
        await _again!();
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
    public static PluginUnderTest Script(string script, TimeSpan? greetingTimeout = null, params string[] privileges)
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
            ["hostPrivileges"] = new JsonArray([.. privileges]),
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

    /// <summary>What the plugin provides, as a host calls it.</summary>
    public T Provided<T>() => (T)Context.Provided[typeof(T)];

    /// <summary>Waits until another process than a former one serves.</summary>
    public Task UntilReplacedAsync(int pid) => Eventually.Holds(() => Pid != 0 && Pid != pid && Context.Ready.Ready, "another process runs");

    public async Task StopAsync() => await _plugin!.StopAsync(StopReason.Removed, TestContext.Current.CancellationToken);

    /// <summary>Ends the plugin; its directories stay.</summary>
    public ValueTask EndAsync() => _plugin?.DisposeAsync() ?? ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        _context?.Dispose();
        _listeners.Dispose();
        _installed.Dispose();
    }

    public static InstalledPlugin Find(PluginUnderTest test, string plugin, Action<JsonObject> change)
    {
        var folder = test._installed.Install(plugin, change);
        return new InstalledPlugin(folder, Read(folder));
    }

    private async Task RunAsync(InstalledPlugin installed, IPluginLoader loader, string configuration, PluginLimits? limits = null, Action<TestContextOfPlugin>? prepare = null)
    {
        var token = TestContext.Current.CancellationToken;
        _again = () => RunAsync(installed, loader, configuration, limits, prepare);
        _context?.Dispose();
        _context = new TestContextOfPlugin(_installed.Root, new PluginIdentity("scheduler", installed.Manifest.Id, "0.1.0", 1), configuration) { Listeners = _listeners };
        prepare?.Invoke(_context);
        _plugin = loader.Load(installed, limits ?? PluginLimits.None).Create();
        await _plugin.ProvisionAsync(_context, token);
        await _plugin.StartAsync(token);
    }

    /// <summary>What a project of this repository says of itself to its tests.</summary>
    public static string Metadata(string key) =>
        typeof(PluginUnderTest).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(entry => entry.Key == key).Value!;

    private static PluginManifest Read(string folder) => PluginManifestReader.ReadFile(Path.Combine(folder, PluginManifestReader.FileName));
}
