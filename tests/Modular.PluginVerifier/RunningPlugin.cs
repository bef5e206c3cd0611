using System.Diagnostics;
using System.Net;
using Modular.Abstractions;
using Modular.Fixtures;
using Modular.Kernel.Plugins;
using Modular.PluginLoader;
using Modular.PluginProcess;

namespace Modular.PluginVerifier;

/// <summary>The plugin to verify, started for one test with directories that are removed after it.</summary>
internal sealed class RunningPlugin(PluginPlace place) : IAsyncDisposable
{
    private const int CopyAttempts = 20;

    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(30);

    private readonly VerifyRequest _request = VerifyRequest.FromEnvironment();
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("modular-verify-");
    private readonly HostListeners _listeners = new(TimeProvider.System, TimeSpan.Zero, IPNetwork.Parse("198.51.100.0/24"));
    private TestContextOfPlugin? _context;
    private IPlugin? _plugin;
    private int _generation;

    /// <summary>The addresses and names that the plugin is told.</summary>
    public ClusterNetwork Network { get; init; } = TestContextOfPlugin.NewNetwork();

    public static IPluginLoader LoaderFor(PluginPlace place, VerifyRequest request) =>
        place == PluginPlace.InProcess ? new McMasterPluginLoader() : new PluginProcessLoader(new PluginProcessOptions
        {
            Executable = request.Executable,
            WriteKubeconfig = (_, path) => SilentKubeconfig.Write(path),
        });

    /// <summary>Starts it anew with nothing kept, and answers what it provides.</summary>
    public async Task<T> StartAsync<T>()
        where T : class
    {
        await StopAsync();
        try
        {
            return await RunAsync<T>(Path.Combine(_root.FullName, $"{++_generation}"));
        }
        catch
        {
            // xunit does not dispose of what it could not initialize.
            await DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts it anew with what it kept.</summary>
    /// <param name="crash">True for what a killed process leaves: the files as they were while it ran.</param>
    public async Task<T> RestartAsync<T>(bool crash)
        where T : class
    {
        var directory = Path.Combine(_root.FullName, $"{_generation}");
        if (crash)
        {
            var copy = Path.Combine(_root.FullName, $"{++_generation}");
            await CopyAsync(directory, copy);
            directory = copy;
        }

        await StopAsync();
        return await RunAsync<T>(directory);
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await StopAsync();
        }
        finally
        {
            _listeners.Dispose();
            if (Directory.Exists(_root.FullName))
            {
                _root.Delete(recursive: true);
            }
        }
    }

    // By a program that minds no locks. A file that is renamed meanwhile makes it fail; nobody calls the plugin now, so that ends soon.
    private static async Task CopyAsync(string from, string to)
    {
        for (var attempt = 1; ; attempt++)
        {
            using var copying = Process.Start(new ProcessStartInfo("cp", ["-a", from, to]) { RedirectStandardError = true })!;
            var errors = await copying.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            await copying.WaitForExitAsync(TestContext.Current.CancellationToken);
            if (copying.ExitCode == 0)
            {
                return;
            }

            if (attempt == CopyAttempts)
            {
                throw new IOException($"what the plugin keeps cannot be copied: {errors}");
            }

            Directory.Delete(to, recursive: true);
        }
    }

    private async Task<T> RunAsync<T>(string directory)
        where T : class
    {
        var token = TestContext.Current.CancellationToken;
        var authority = Path.Combine(_root.FullName, "ca.crt");
        SilentKubeconfig.WriteAuthority(authority);
        var manifest = PluginManifestReader.ReadFile(Path.Combine(_request.Directory, PluginManifestReader.FileName));
        _context = new TestContextOfPlugin(directory, new PluginIdentity(manifest.Id, manifest.Id, manifest.Version.ToNormalizedString(), 1), _request.Configuration)
        {
            Listeners = _listeners,
            Network = Network,
            CertificateAuthorityFile = authority,
        };
        _plugin = LoaderFor(place, _request).Load(new InstalledPlugin(_request.Directory, manifest), PluginLimits.None).Create();
        await _plugin.ProvisionAsync(_context, token);
        await _plugin.StartAsync(token);
        return _context.Provided.TryGetValue(typeof(T), out var provided) ? (T)provided
            : throw new InvalidOperationException($"{manifest.Id} did not provide {typeof(T).Name}, which its manifest promises; call Provide in ProvisionAsync");
    }

    private async Task StopAsync()
    {
        if (_plugin is { } plugin)
        {
            _plugin = null;
            try
            {
                await plugin.StopAsync(StopReason.Shutdown, CancellationToken.None).AsTask().WaitAsync(StopTimeout);
            }
            finally
            {
                await plugin.DisposeAsync();
            }
        }

        if (_context is { } context)
        {
            _context = null;
            context.Dispose();
            foreach (var (level, text) in context.Lines.All)
            {
                TestContext.Current.TestOutputHelper?.WriteLine($"{level}: {text}");
            }
        }
    }
}
