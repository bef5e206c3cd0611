using System.Reflection;
using System.Text.Json;
using Modular.PluginLoader;

namespace Modular.Kernel.Plugins;

/// <summary>
/// One instance of a plugin and how far its life has gone. Its steps are called one after another by the host; each has a deadline.
/// </summary>
internal sealed class PluginInstance
{
    private readonly PluginHostOptions _options;
    private readonly ILoadedPlugin _code;
    private PluginContext? _context;
    private IPlugin? _plugin;
    private bool _startTried;
    private bool _stopped;

    private PluginInstance(PluginIdentity identity, InstalledPlugin installed, ILoadedPlugin code, PluginContext context, PluginHostOptions options)
    {
        Identity = identity;
        Manifest = installed.Manifest;
        _code = code;
        _context = context;
        _options = options;
        Leases = context.Leases;
    }

    public PluginIdentity Identity { get; }

    public PluginManifest Manifest { get; }

    /// <summary>What it was asked for with; the role may by now ask for something else that it did not get.</summary>
    public required PluginSlot Slot { get; init; }

    /// <summary>Whether it has a process of its own.</summary>
    public bool IsProcess { get; private init; }

    /// <summary>Whether it goes on with calls in it after its end, when another takes its place.</summary>
    public bool Lingers => _plugin is ILingering { Lingers: true };

    public LeaseCounter Leases { get; }

    public IReadOnlyList<(string Contract, ContractProvider Provider)> Provided => _context?.Provided ?? [];

    /// <summary>Loads the code and makes the context; no code of the plugin runs yet.</summary>
    public static PluginInstance Load(
        PluginIdentity identity, InstalledPlugin installed, PluginSlot slot, int order, ContractRegistry contracts,
        PluginHostOptions options, Action<bool, string, string> ready, ITrialObserver observer)
    {
        var isProcess = AsksForProcess(installed.Manifest, slot);
        if (!isProcess && installed.Manifest.Command.Count > 0)
        {
            throw new PluginLoadException("NotLoadable", $"{installed.Manifest.Id} is a program and can't run in the host's process; set isolation to process");
        }

        if (installed.Manifest.HostPrivileges.Except(slot.Granted) is var missing && missing != HostPrivileges.None)
        {
            throw new PluginLoadException(
                "NotGranted",
                $"{installed.Manifest.Id} asks for host privileges that {slot.Name} does not grant: {missing}; grant them (--grant of 'modular plugins swap', spec.privileges, or privileges in the distribution file), or use a plugin that does without");
        }

        var code = (isProcess ? options.ProcessLoader : options.Loader).Load(installed, slot.Limits);
        var configuration = JsonSerializer.SerializeToElement(slot.Configuration, ConfigurationJson.Default.JsonObject);
        var context = new PluginContext(identity, installed.Manifest, configuration, order, contracts, options, ready, slot.Trial is { } trial ? new CandidateTrial(trial, observer) : null);
        return new PluginInstance(identity, installed, code, context, options) { Slot = slot, IsProcess = isProcess };
    }

    /// <summary>Whether an assembly in this process is the plugin's own.</summary>
    public bool Owns(Assembly assembly) => _code.Owns(assembly);

    private static bool AsksForProcess(PluginManifest manifest, PluginSlot slot) =>
        slot.Isolation.Length > 0 ? slot.Isolation == PluginSlot.OwnProcess : manifest.Isolation == PluginIsolation.Process;

    public async Task ProvisionAsync(CancellationToken cancellationToken)
    {
        _plugin = _code.Create();
        await StepAsync("Provision", (plugin, token) => plugin.ProvisionAsync(_context!, token), _options.StartTimeout, cancellationToken);
        if (_context!.EndProvisioning() is { } missing)
        {
            throw new PluginStepException("ProvisionFailed", $"{Identity.Id} promised {missing} in its manifest and did not provide it");
        }
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _startTried = true;
        return StepAsync("Start", (plugin, token) => plugin.StartAsync(token), _options.StartTimeout, cancellationToken);
    }

    /// <summary>Ends its work, and nothing else yet.</summary>
    /// <returns>What failed.</returns>
    public async Task<IReadOnlyList<string>> StopAsync(StopReason reason)
    {
        var problems = new List<string>();
        if (_startTried && !_stopped)
        {
            _stopped = true;
            await TryAsync(problems, () => StepAsync("Stop", (plugin, token) => plugin.StopAsync(reason, token), _options.StopTimeout, CancellationToken.None));
        }

        return problems;
    }

    /// <summary>
    /// Undoes every step that was tried, in reverse; goes on when one fails.
    /// </summary>
    /// <returns>What failed, and whether the code left the process (null if it was never meant to).</returns>
    public async Task<(IReadOnlyList<string> Problems, bool? Unloaded)> EndAsync(StopReason reason)
    {
        var problems = new List<string>(await StopAsync(reason));
        if (_plugin is not null)
        {
            await TryAsync(problems, () => StepAsync("Dispose", (plugin, _) => plugin.DisposeAsync(), _options.StopTimeout, CancellationToken.None));
        }

        if (_context is not null)
        {
            await TryAsync(problems, () => _context.DisposeAsync().AsTask());
        }

        _plugin = null;
        _context = null;
        if (!Manifest.Unloadable)
        {
            return (problems, null);
        }

        return (problems, await _code.UnloadAsync());
    }

    private static async Task TryAsync(List<string> problems, Func<Task> step)
    {
        try
        {
            await step();
        }
        catch (PluginStepException e)
        {
            problems.Add(e.Message);
        }
    }

    private async Task StepAsync(string step, Func<IPlugin, CancellationToken, ValueTask> call, TimeSpan deadline, CancellationToken cancellationToken)
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task running;
        // Whatever flows with the caller (activities, async locals) must not be captured by what the plugin starts.
        using (ExecutionContext.SuppressFlow())
        {
            var plugin = _plugin!;
            var token = stopping.Token;
            running = Task.Run(async () => await call(plugin, token), CancellationToken.None);
        }

        try
        {
            await running.WaitAsync(deadline, _options.Time, cancellationToken);
        }
        catch (TimeoutException) when (!running.IsCompleted)
        {
            await stopping.CancelAsync();
            throw new PluginStepException($"{step}Timeout", $"{step} of {Identity.Id} {Identity.Version} took longer than {deadline.TotalSeconds:0.#} s and was abandoned");
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception e)
        {
            throw new PluginStepException($"{step}Failed", $"{step} of {Identity.Id} {Identity.Version} failed: {e.Message}", e);
        }
    }
}
