using Modular.Abstractions;
using Modular.ApiMachinery;
using Modular.Plugins.NodeAgent.Pods;

namespace Modular.Plugins.NodeAgent.Volumes;

/// <summary>The objects that pods' volumes are made of, each watched once for as long as a pod uses it. Thread-safe.</summary>
internal sealed class ReferencedObjects(IApiClient api) : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<ResourceName, Reference> _references = [];

    /// <summary>The object as of now, null if there is none. From then on the pod is woken when it changes.</summary>
    /// <exception cref="ApiException">It can't be watched.</exception>
    public async ValueTask<ApiObject?> GetAsync(ResourceName name, WatchedPod user, CancellationToken cancellationToken)
    {
        Reference? reference;
        lock (_lock)
        {
            if (!_references.TryGetValue(name, out reference) || reference.HasFailed)
            {
                _references[name] = reference = new Reference(api, name);
            }

            reference.Use(user);
        }

        return await reference.CurrentAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The pod uses none of them any more.</summary>
    public void Release(WatchedPod user)
    {
        lock (_lock)
        {
            foreach (var (name, reference) in _references)
            {
                if (reference.Release(user))
                {
                    _references.Remove(name);
                    _ = reference.DisposeAsync().AsTask();
                }
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        Reference[] references;
        lock (_lock)
        {
            references = [.. _references.Values];
            _references.Clear();
        }

        foreach (var reference in references)
        {
            await reference.DisposeAsync().ConfigureAwait(false);
        }
    }

    private sealed class Reference : IAsyncDisposable
    {
        private readonly Lock _lock = new();
        private readonly HashSet<WatchedPod> _users = [];
        private readonly CancellationTokenSource _stop = new();
        private readonly TaskCompletionSource _synced = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly Task _watch;
        private volatile ApiObject? _current;

        public Reference(IApiClient api, ResourceName name) => _watch = Task.Run(() => RunAsync(api, name, _stop.Token));

        public bool HasFailed => _watch.IsCompleted;

        public void Use(WatchedPod user)
        {
            lock (_lock)
            {
                _users.Add(user);
            }
        }

        /// <summary>True if nobody is left.</summary>
        public bool Release(WatchedPod user)
        {
            lock (_lock)
            {
                return _users.Remove(user) && _users.Count == 0;
            }
        }

        public async ValueTask<ApiObject?> CurrentAsync(CancellationToken cancellationToken)
        {
            await _synced.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
            return _current;
        }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync().ConfigureAwait(false);
            await _watch.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _stop.Dispose();
        }

        private async Task RunAsync(IApiClient api, ResourceName name, CancellationToken stop)
        {
            try
            {
                var scope = new ResourceScope(name.Resource) { Namespace = name.Namespace, FieldSelector = $"metadata.name={name.Name}" };
                await using var informer = await api.OpenInformerAsync(scope, stop).ConfigureAwait(false);
                await foreach (var change in informer.ReadEventsAsync(stop).ConfigureAwait(false))
                {
                    if (change.Type == WatchEventType.Bookmark)
                    {
                        _synced.TrySetResult();
                        continue;
                    }

                    _current = change.Type == WatchEventType.Deleted ? null : change.Object;
                    WakeUsers();
                }
            }
            catch (Exception exception)
            {
                _synced.TrySetException(exception);
            }

            _synced.TrySetException(new ApiException(StatusReason.ServiceUnavailable, $"{name.Resource.Resource} \"{name.Name}\" is not watched any more"));
        }

        private void WakeUsers()
        {
            lock (_lock)
            {
                foreach (var user in _users)
                {
                    user.Wake();
                }
            }
        }
    }
}
