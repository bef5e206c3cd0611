using System.Diagnostics.Metrics;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Modular.PluginLoader;

namespace Modular.Kernel.Plugins;

/// <summary>What one instance of a plugin gets from the host.</summary>
internal sealed class PluginContext : IPluginContext, IAsyncDisposable
{
    private readonly PluginManifest _manifest;
    private readonly ContractRegistry _contracts;
    private readonly int _order;
    private readonly Action<bool, string, string> _ready;
    private readonly CandidateTrial? _trial;
    private readonly Action<PluginIdentity, string> _fatal;
    private readonly PluginApiClient _api;
    private readonly PluginListeners _listeners;
    private readonly List<(string Contract, ContractProvider Provider)> _provided = [];
    private bool _provisioned;

    public PluginContext(
        PluginIdentity self, PluginManifest manifest, JsonElement configuration, int order, ContractRegistry contracts,
        PluginHostOptions options, Action<bool, string, string> ready, CandidateTrial? trial)
    {
        Self = self;
        Configuration = configuration;
        _manifest = manifest;
        _order = order;
        _contracts = contracts;
        _ready = ready;
        _trial = trial;
        _fatal = options.Fatal;
        Log = new PluginLoggerFactory(options.Log, self.Name, new LineRate(options.MostLogLines, options.Time));
        Time = options.Time;
        Host = options.Host;
        Meter = new Meter($"modular.plugin.{self.Name}", self.Version);
        DataDirectory = Directory.CreateDirectory(Path.Combine(options.DataDirectory, self.Name)).FullName;
        StateDirectory = Directory.CreateDirectory(Path.Combine(options.StateDirectory, self.Name)).FullName;
        _listeners = new PluginListeners(options.Listeners);
        _api = new PluginApiClient(() => options.ApiClientOf(PluginUser.Of(self.Name)), options.ApiServes);
    }

    public PluginIdentity Self { get; }

    public JsonElement Configuration { get; }

    public ILoggerFactory Log { get; }

    public TimeProvider Time { get; }

    public Meter Meter { get; }

    public string DataDirectory { get; }

    public string StateDirectory { get; }

    public IApiClient Api => _api;

    public IListeners Listeners => _listeners;

    public HostInformation Host { get; }

    /// <summary>Counts the calls in the instance.</summary>
    internal LeaseCounter Leases { get; } = new();

    internal IReadOnlyList<(string Contract, ContractProvider Provider)> Provided => _provided;

    public void Provide<T>(T implementation)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(implementation);
        var contract = ContractCatalog.Of<T>();
        lock (_provided)
        {
            if (_provisioned)
            {
                throw new InvalidOperationException($"{Self.Id} provides {contract.Name} after its provisioning; do it in ProvisionAsync");
            }

            if (_manifest.Provides.All(p => p.Contract != contract.Name))
            {
                throw new InvalidOperationException($"{Self.Id} provides {contract.Name}, which its manifest does not promise; add a PluginProvides item");
            }

            if (contract.Cardinality == ContractCardinality.One && _provided.Any(p => p.Contract == contract.Name))
            {
                throw new InvalidOperationException($"{Self.Id} provides {contract.Name} twice; provide it once");
            }

            _provided.Add((contract.Name, new ContractProvider(implementation, Self, Leases, _order) { Trial = _trial }));
        }
    }

    public ContractHandle<T> Require<T>()
        where T : class
    {
        Required<T>();
        return _contracts.Handle<T>();
    }

    public CandidateHandle<T> RequireCandidates<T>()
        where T : class
    {
        var contract = Required<T>();
        return contract.HasTrials
            ? _contracts.Candidates<T>()
            : throw new InvalidOperationException($"{Self.Id} asks for candidates of {contract.Name}, which has no trials; set HasTrials of its attribute");
    }

    public void SetReady(bool ready, string reason = "", string message = "") => _ready(ready, reason, message);

    public void Renew() => _contracts.Renew(Leases);

    public void Fatal(string reason) => _fatal(Self, reason);

    private ContractDescriptor Required<T>()
    {
        var contract = ContractCatalog.Of<T>();
        return _manifest.Requires.Any(r => r.Contract == contract.Name)
            ? contract
            : throw new InvalidOperationException($"{Self.Id} asks for {contract.Name}, which its manifest does not require; add a PluginRequires item");
    }

    /// <summary>Ends provisioning: everything promised must have been provided.</summary>
    /// <returns>The contract that was promised and not provided, or null.</returns>
    internal string? EndProvisioning()
    {
        lock (_provided)
        {
            _provisioned = true;
            return _manifest.Provides.FirstOrDefault(p => _provided.All(x => x.Contract != p.Contract))?.Contract;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _api.DisposeAsync();
        _listeners.Dispose();
        Meter.Dispose();
    }
}
