using Microsoft.Extensions.Logging;
using Modular.Abstractions;
using Modular.ApiMachinery;
using Modular.Models;

namespace Modular.Plugins.NodeAgent.Containers;

/// <summary>The cluster's services, read once and kept up to date for the environments of containers. Thread-safe.</summary>
internal sealed partial class KnownServices(IApiClient client, TimeProvider time, ILogger log)
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);
    private static readonly ObjectName Api = new("default", "kubernetes");

    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _synced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Dictionary<string, SortedDictionary<string, Service>> _namespaces = new(StringComparer.Ordinal);

    /// <summary>The services of a namespace, and the API's.</summary>
    public async ValueTask<IReadOnlyList<Service>> OfAsync(string ns, CancellationToken cancellationToken)
    {
        await _synced.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        lock (_lock)
        {
            List<Service> services = _namespaces.TryGetValue(ns, out var own) ? [.. own.Values] : [];
            if (ns != Api.Namespace && _namespaces.GetValueOrDefault(Api.Namespace)?.GetValueOrDefault(Api.Name) is { } api)
            {
                services.Add(api);
            }

            return services;
        }
    }

    /// <summary>Follows the services until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await using var informer = await client.OpenInformerAsync(new ResourceScope(KubernetesResources.Services), cancellationToken).ConfigureAwait(false);
                await foreach (var change in informer.ReadEventsAsync(cancellationToken).ConfigureAwait(false))
                {
                    Apply(change);
                }
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (ApiException exception)
            {
                // The kinds may come after the agent.
                LogNoServices(exception.Message);
                await Task.Delay(RetryDelay, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private void Apply(WatchEvent change)
    {
        if (change.Type == WatchEventType.Bookmark)
        {
            _synced.TrySetResult();
            return;
        }

        var name = change.Object.Name;
        lock (_lock)
        {
            if (!_namespaces.TryGetValue(name.Namespace, out var services))
            {
                _namespaces[name.Namespace] = services = new(StringComparer.Ordinal);
            }

            if (change.Type == WatchEventType.Deleted)
            {
                services.Remove(name.Name);
            }
            else
            {
                services[name.Name] = change.Object.AsService();
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "services can't be watched yet: {Error}")]
    private partial void LogNoServices(string error);
}
