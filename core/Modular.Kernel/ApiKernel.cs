using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;

namespace Modular.Kernel;

/// <summary>
/// The kernel's data path, composed: registry, store adapter, watch caches and request pipeline over the plugins behind the handles.
/// </summary>
public sealed partial class ApiKernel : IAsyncDisposable
{
    private static readonly TimeSpan RefreshRetryDelay = TimeSpan.FromSeconds(1);

    private static readonly UserInfo Self = new("system:apiserver") { Groups = ["system:masters", "system:authenticated"] };

    private readonly KernelContracts _contracts;
    private readonly KernelSettings _settings;
    private readonly ILogger _log;
    private readonly ResourceRegistry _registry = new();
    private readonly StoreAdapter _store;
    private readonly WatchCaches _caches;
    private readonly RequestPipeline _pipeline;
    private readonly AuthenticationChain _authentication;
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _refreshing = new(1, 1);
    private long _served = -1;
    private HistoryCompactor? _compactor;
    private Task _following = Task.CompletedTask;

    /// <summary>Composes a kernel that does nothing yet.</summary>
    public ApiKernel(KernelContracts contracts, KernelSettings settings, ILoggerFactory log)
    {
        _contracts = contracts;
        _settings = settings;
        _log = log.CreateLogger<ApiKernel>();
        _store = new StoreAdapter(contracts.Store);
        _caches = new WatchCaches(_store, settings.Time, _log);
        var authorization = new AuthorizationChain(contracts.Authorizers, Permissions, _log);
        _pipeline = new RequestPipeline(_registry, _caches, _store, authorization, contracts.Admission, settings);
        _authentication = new AuthenticationChain(contracts.Authenticators, _log);
    }

    /// <summary>What every request runs through.</summary>
    public IRequestPipeline Pipeline => _pipeline;

    /// <summary>The kinds served.</summary>
    public IResourceRegistry Registry => _registry;

    /// <summary>The rights of plugins; registered by whoever reads their manifests.</summary>
    public ManifestAuthorizer Permissions { get; } = new();

    /// <summary>Completes once requests are served.</summary>
    public Task Ready => _ready.Task;

    /// <summary>The revision up to which lists and watches have seen everything.</summary>
    public long Revision => _caches.Revision;

    /// <summary>Reads the kinds and the objects, makes the first namespaces, and serves from then on.</summary>
    /// <exception cref="InvalidOperationException">Two sources bring the same kind.</exception>
    /// <exception cref="ApiException">The store is not there, or takes no writes.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var generation = _contracts.Resources.Generation;
        await _registry.RefreshAsync(_contracts.Resources, kinds => _caches.StartAsync(kinds, cancellationToken), cancellationToken).ConfigureAwait(false);
        _compactor = new HistoryCompactor(_store, _settings.Time, _log);
        await EnsureNamespacesAsync(cancellationToken).ConfigureAwait(false);
        await _caches.WaitForCurrentAsync(cancellationToken).ConfigureAwait(false);
        _following = FollowSourcesAsync(generation);
        _ready.TrySetResult();
        LogStarted(_registry.All.Count, _caches.Revision);
    }

    /// <summary>Ends every watch and lets go of the store. Requests fail afterwards.</summary>
    public async Task StopAsync()
    {
        if (_stop.IsCancellationRequested)
        {
            return;
        }

        await _stop.CancelAsync().ConfigureAwait(false);
        _ready.TrySetCanceled(CancellationToken.None);
        await _following.ConfigureAwait(false);
        if (_compactor is not null)
        {
            await _compactor.DisposeAsync().ConfigureAwait(false);
        }

        await _caches.DisposeAsync().ConfigureAwait(false);
        _store.Dispose();
        _ = _registry.RetireAsync();
    }

    /// <summary>The API under somebody's name. Its calls wait until the kernel serves.</summary>
    public IApiClient CreateClient(UserInfo user) => CreateClient(user, "modular");

    /// <summary>The API under a plugin's name, with the rights registered for it.</summary>
    public IApiClient CreateClient(PluginIdentity plugin) => CreateClient(
        new UserInfo(ManifestAuthorizer.UserOf(plugin.Name)) { Groups = ["system:plugins", "system:authenticated"] }, plugin.Name);

    /// <summary>Finds out who sent a request.</summary>
    public ValueTask<AuthenticationResult> AuthenticateAsync(AuthenticationRequest request, CancellationToken cancellationToken) =>
        _authentication.AuthenticateAsync(request, cancellationToken);

    /// <summary>Asks the resource sources anew and serves what they answer.</summary>
    /// <exception cref="InvalidOperationException">Two sources bring the same kind; the old kinds stay.</exception>
    public Task RefreshResourcesAsync(CancellationToken cancellationToken) => RefreshAsync(always: true, cancellationToken);

    /// <summary>Creates those of the first namespaces that are missing, if there is a kind for them.</summary>
    public async Task EnsureNamespacesAsync(CancellationToken cancellationToken)
    {
        if (_registry.NamespaceKind is not { } kind)
        {
            return;
        }

        foreach (var name in _settings.FirstNamespaces)
        {
            var request = new ApiRequest { User = Self, Verb = "create", Resource = kind.Resource };
            var body = new JsonObject { ["metadata"] = new JsonObject { ["name"] = name } };
            if (_caches.Of(kind).Get(name) is not null)
            {
                continue;
            }

            try
            {
                await _pipeline.CreateAsync(request, new RequestBody(body, []), new WriteOptions { FieldManager = "modular" }, cancellationToken).ConfigureAwait(false);
            }
            catch (ApiException exists) when (exists.Reason == StatusReason.AlreadyExists)
            {
                // Another host of the same cluster was faster.
            }
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(false);
        _stop.Dispose();
        _refreshing.Dispose();
    }

    private InProcessApiClient CreateClient(UserInfo user, string manager) => new(_pipeline, _registry, user, manager, _ready.Task);

    private async Task RefreshAsync(bool always, CancellationToken cancellationToken)
    {
        await _refreshing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var generation = _contracts.Resources.Generation;
            if (!always && generation == _served)
            {
                return;
            }

            await _registry.RefreshAsync(_contracts.Resources, kinds => _caches.RefreshAsync(kinds, cancellationToken), cancellationToken).ConfigureAwait(false);
            await EnsureNamespacesAsync(cancellationToken).ConfigureAwait(false);
            _served = generation;
        }
        finally
        {
            _refreshing.Release();
        }

        LogKinds(_registry.All.Count);
    }

    private async Task FollowSourcesAsync(long generation)
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await _contracts.Resources.WaitForChangeAsync(generation, _stop.Token).ConfigureAwait(false);
                var changed = _contracts.Resources.Generation;
                await RefreshAsync(always: false, _stop.Token).ConfigureAwait(false);
                generation = changed;
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error) when (error is not OutOfMemoryException)
            {
                LogRefreshFailed(error);
                await Task.Delay(RefreshRetryDelay, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The API serves {Kinds} kinds from revision {Revision}")]
    private partial void LogStarted(int kinds, long revision);

    [LoggerMessage(Level = LogLevel.Information, Message = "The API now serves {Kinds} kinds")]
    private partial void LogKinds(int kinds);

    [LoggerMessage(Level = LogLevel.Error, Message = "The kinds could not be read again; those served before stay, and it is tried again")]
    private partial void LogRefreshFailed(Exception error);
}
