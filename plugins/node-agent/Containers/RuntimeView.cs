using Microsoft.Extensions.Logging;
using Modular.Abstractions;

namespace Modular.Plugins.NodeAgent.Containers;

/// <summary>What the runtime has, kept up to date by its events, and the calls to it. Thread-safe.</summary>
internal sealed partial class RuntimeView(ContractHandle<IContainerRuntime> handle, TimeProvider time, ILogger log)
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _listed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Dictionary<string, SandboxState> _sandboxes = new(StringComparer.Ordinal);
    private Dictionary<string, Dictionary<string, ContainerState>> _containers = new(StringComparer.Ordinal);
    // What was noted and neither listed nor told by an event since: a list that was taken before must not take it back.
    private readonly Dictionary<string, (long Number, Action Put)> _noted = new(StringComparer.Ordinal);
    private long _lastNote;
    private long _position = -1;
    private long _generation = -1;
    private RuntimeInfo? _info;
    private Task _listing = Task.CompletedTask;
    private Task? _nextListing;

    /// <summary>Told the sandbox whose containers changed; null for all of them.</summary>
    public event Action<string?>? Changed;

    /// <summary>Completes when the runtime was listed for the first time.</summary>
    public Task Listed => _listed.Task;

    /// <summary>What the runtime is; known once it was listed.</summary>
    public RuntimeInfo? Info
    {
        get
        {
            lock (_lock)
            {
                return _info;
            }
        }
    }

    public SandboxState? Sandbox(string sandboxId)
    {
        lock (_lock)
        {
            return _sandboxes.GetValueOrDefault(sandboxId);
        }
    }

    public IReadOnlyList<SandboxState> Sandboxes()
    {
        lock (_lock)
        {
            return [.. _sandboxes.Values];
        }
    }

    /// <summary>A sandbox's containers, all attempts.</summary>
    public IReadOnlyList<ContainerState> Containers(string sandboxId)
    {
        lock (_lock)
        {
            return _containers.TryGetValue(sandboxId, out var containers) ? [.. containers.Values] : [];
        }
    }

    /// <summary>Calls the runtime.</summary>
    public async ValueTask<T> CallAsync<T>(Func<IContainerRuntime, ValueTask<T>> call)
    {
        using var lease = handle.Acquire();
        return await call(lease.Value).ConfigureAwait(false);
    }

    /// <summary>Calls the runtime.</summary>
    public async ValueTask CallAsync(Func<IContainerRuntime, ValueTask> call)
    {
        using var lease = handle.Acquire();
        await call(lease.Value).ConfigureAwait(false);
    }

    /// <summary>Runs a command in a container. The lease lasts as long as the session.</summary>
    public ValueTask<RuntimeSession> ExecAsync(ExecRequest request, CancellationToken cancellationToken) =>
        OpenAsync("runs no commands in containers", streams => streams.ExecAsync(request, cancellationToken));

    /// <summary>Attaches to a container. The lease lasts as long as the session.</summary>
    public ValueTask<RuntimeSession> AttachAsync(AttachRequest request, CancellationToken cancellationToken) =>
        OpenAsync("lets nobody attach to containers", streams => streams.AttachAsync(request, cancellationToken));

    private async ValueTask<RuntimeSession> OpenAsync(string otherwise, Func<IContainerStreams, ValueTask<IContainerSession>> open)
    {
        var lease = handle.Acquire();
        try
        {
            var streams = lease.TryGet<IContainerStreams>() ?? throw new RuntimeException("NotSupported", $"the runtime {lease.Provider.Id} {otherwise}");
            return new RuntimeSession(await open(streams).ConfigureAwait(false), lease);
        }
        catch
        {
            lease.Dispose();
            throw;
        }
    }

    /// <summary>Lists now; after a change of one's own the view is not older than it.</summary>
    public Task RefreshAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            // The listing that runs may be older than the change; all who come meanwhile share the one after it.
            _nextListing ??= ListAfterAsync(_listing);
            return _nextListing.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Follows the runtime, and whoever takes its place, until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await FollowAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (OperationCanceledException)
            {
                // Another runtime took over.
                continue;
            }
            catch (Exception exception) when (exception is RuntimeException or ContractUnavailableException or IOException)
            {
                LogUnavailable(exception.Message);
            }

            await Task.Delay(RetryDelay, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Takes in a sandbox that was just made, before it is listed.</summary>
    public void Note(SandboxState sandbox) => Note(sandbox.Id, () => _sandboxes[sandbox.Id] = sandbox);

    /// <summary>Takes in a container that was just started, before its event comes.</summary>
    public void Note(ContainerState container) => Note(container.Id, () => TryPut(container));

    private void Note(string id, Action put)
    {
        lock (_lock)
        {
            put();
            _noted[id] = (++_lastNote, put);
        }
    }

    private async Task ListAfterAsync(Task running)
    {
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        lock (_lock)
        {
            _listing = _nextListing!;
            _nextListing = null;
        }

        using var lease = handle.Acquire();
        await ListAsync(lease, CancellationToken.None).ConfigureAwait(false);
    }

    private async ValueTask<RuntimeState> ListAsync(ContractLease<IContainerRuntime> lease, CancellationToken cancellationToken)
    {
        long noted;
        lock (_lock)
        {
            noted = _lastNote;
        }

        var state = await lease.Value.ListAsync(cancellationToken).ConfigureAwait(false);
        Replace(state, lease.Generation, noted);
        return state;
    }

    private async Task FollowAsync(CancellationToken cancellationToken)
    {
        using var lease = handle.Acquire();
        using var session = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var exchange = CancelWhenExchangedAsync(lease.Generation, session);
        try
        {
            var info = await lease.Value.GetInfoAsync(session.Token).ConfigureAwait(false);
            lock (_lock)
            {
                _info = info;
            }

            while (true)
            {
                var state = await ListAsync(lease, session.Token).ConfigureAwait(false);
                _listed.TrySetResult();
                Changed?.Invoke(null);
                await foreach (var entry in lease.Value.WatchAsync(state.Position, session.Token).ConfigureAwait(false))
                {
                    if (entry.Container is null)
                    {
                        break;
                    }

                    Apply(entry.Position, entry.Container);
                    Changed?.Invoke(entry.Container.SandboxId);
                }

                session.Token.ThrowIfCancellationRequested();
            }
        }
        finally
        {
            await session.CancelAsync().ConfigureAwait(false);
            await exchange.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task CancelWhenExchangedAsync(long generation, CancellationTokenSource session)
    {
        await handle.WaitForChangeAsync(generation, session.Token).ConfigureAwait(false);
        await session.CancelAsync().ConfigureAwait(false);
    }

    /// <param name="state">What was listed.</param>
    /// <param name="generation">By whom.</param>
    /// <param name="noted">The last note when that began: those after it may not be in the list.</param>
    private void Replace(RuntimeState state, long generation, long noted)
    {
        lock (_lock)
        {
            // Positions of another runtime can't be compared.
            if (generation == _generation && state.Position < _position)
            {
                return;
            }

            _generation = generation;
            _position = state.Position;
            _sandboxes = state.Sandboxes.ToDictionary(sandbox => sandbox.Id, StringComparer.Ordinal);
            _containers = state.Containers.GroupBy(container => container.SandboxId, StringComparer.Ordinal).ToDictionary(
                group => group.Key, group => group.ToDictionary(container => container.Id, StringComparer.Ordinal), StringComparer.Ordinal);
            foreach (var (id, note) in _noted)
            {
                if (note.Number > noted)
                {
                    note.Put();
                }
                else
                {
                    _noted.Remove(id);
                }
            }
        }
    }

    private void Apply(long position, ContainerState container)
    {
        lock (_lock)
        {
            if (position <= _position)
            {
                return;
            }

            _position = position;
            if (TryPut(container))
            {
                _noted.Remove(container.Id);
            }
        }
    }

    /// <returns>False if it is known to have come further: what is noted is ahead of the events before it, and an event may be ahead of a note.</returns>
    private bool TryPut(ContainerState container)
    {
        var containers = Of(container.SandboxId);
        if (containers.TryGetValue(container.Id, out var known)
            && ((container.Phase, known.Phase) is (ContainerPhase.Created, not ContainerPhase.Created) or (ContainerPhase.Running, ContainerPhase.Exited)))
        {
            return false;
        }

        containers[container.Id] = container;
        return true;
    }

    private Dictionary<string, ContainerState> Of(string sandboxId)
    {
        if (!_containers.TryGetValue(sandboxId, out var containers))
        {
            _containers[sandboxId] = containers = new(StringComparer.Ordinal);
        }

        return containers;
    }

    [LoggerMessage(LogLevel.Warning, "the container runtime does not answer: {Error}")]
    private partial void LogUnavailable(string error);
}

/// <summary>A session in a container, and the lease on the runtime that has it.</summary>
internal sealed class RuntimeSession(IContainerSession session, ContractLease<IContainerRuntime> lease) : IAsyncDisposable
{
    public IContainerSession Session => session;

    public async ValueTask DisposeAsync()
    {
        await session.DisposeAsync().ConfigureAwait(false);
        lease.Dispose();
    }
}
