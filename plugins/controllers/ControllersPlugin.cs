using Microsoft.Extensions.Logging;
using Modular.Abstractions;
using Modular.Plugins.Controllers.BuiltInObjects;
using Modular.Plugins.Controllers.FlowSchemas;
using Modular.Plugins.Controllers.GarbageCollection;
using Modular.Plugins.Controllers.KubernetesService;
using Modular.Plugins.Controllers.Namespaces;
using Modular.Plugins.Controllers.NodeLifecycle;
using Modular.Plugins.Controllers.ReplicationControllers;
using Modular.Plugins.Controllers.ResourceQuotas;
using Modular.Plugins.Controllers.RootCertificate;
using Modular.Plugins.Controllers.ServiceAccounts;
using Modular.Plugins.Controllers.ServiceAddresses;
using Modular.Plugins.Controllers.ServiceEndpoints;
using Modular.Plugins.Controllers.StorageProtection;
using Modular.Plugins.Controllers.TaintEviction;
using Modular.Toolkit;

namespace Modular.Plugins.Controllers;

/// <summary>Runs the controllers of the core kinds.</summary>
public sealed class ControllersPlugin : IPlugin
{
    private readonly List<ControllerRunner> _runners = [];
    private readonly CancellationTokenSource _stop = new();
    private IPluginContext? _context;
    private ControllersOptions _options = new();
    private EventRecorder? _events;
    private EventRecorder? _evictions;
    private Task _start = Task.CompletedTask;

    /// <inheritdoc />
    public ValueTask ProvisionAsync(IPluginContext context, CancellationToken cancellationToken)
    {
        _context = context;
        _options = ControllersOptions.From(context.Configuration);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc />
    public ValueTask StartAsync(CancellationToken cancellationToken)
    {
        // The API may not serve yet, and the garbage collector has to ask it for its kinds.
        _start = Task.Run(() => StartControllersAsync(_stop.Token), CancellationToken.None);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc />
    public async ValueTask StopAsync(StopReason reason, CancellationToken cancellationToken) =>
        await EndAsync().AsTask().WaitAsync(cancellationToken).ConfigureAwait(false);

    /// <inheritdoc />
    public ValueTask DisposeAsync() => EndAsync();

    private async Task StartControllersAsync(CancellationToken stop)
    {
        var context = _context!;
        var api = context.Api;
        var log = context.Log.CreateLogger("controllers");
        var metrics = new ControllerMetrics(context.Meter);
        _events = new EventRecorder(api, "replication-controller", context.Time, log);
        Run(new ReplicationControllerController(api, _events, context.Time));
        Run(new NamespaceController(api, context.Time));
        Run(new BuiltInObjectController(api));
        Run(new FlowSchemaController(api, context.Time));
        Run(new ResourceQuotaController(api, context.Time));
        Run(new ServiceAccountController(api));
        if (context.Host.CertificateAuthorityFile is { Length: > 0 } authority)
        {
            Run(new RootCertificateController(api, await File.ReadAllTextAsync(authority, stop).ConfigureAwait(false)));
        }

        Run(new KubernetesServiceController(api, context.Host));
        Run(new ServiceCidrController(api, context.Time, context.Host.Network.ServiceRange));
        Run(new IPAddressController(api));
        Run(new ClaimProtectionController(api));
        Run(new VolumeProtectionController(api));
        Run(new EndpointsController(api));
        Run(new EndpointSliceController(api));
        Run(new EndpointSliceMirroringController(api));
        Run(new NodeLifecycleController(api, context.Time, _options));
        _evictions = new EventRecorder(api, "taint-eviction-controller", context.Time, log);
        Run(new TaintEvictionController(api, _evictions, context.Time));
        Run(await GarbageCollector.CreateAsync(api, stop).ConfigureAwait(false));

        void Run(IController controller)
        {
            if (!_options.Disabled.Contains(controller.Name) && !stop.IsCancellationRequested)
            {
                var runner = new ControllerRunner(controller, api, context.Time, log, metrics);
                _runners.Add(runner);
                runner.Start();
            }
        }
    }

    private async ValueTask EndAsync()
    {
        if (!_stop.IsCancellationRequested)
        {
            await _stop.CancelAsync().ConfigureAwait(false);
        }

        await _start.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var runner in _runners)
        {
            await runner.DisposeAsync().ConfigureAwait(false);
        }

        _runners.Clear();
        if (_events is not null)
        {
            await _events.DisposeAsync().ConfigureAwait(false);
            _events = null;
        }

        if (_evictions is not null)
        {
            await _evictions.DisposeAsync().ConfigureAwait(false);
            _evictions = null;
        }
    }
}
