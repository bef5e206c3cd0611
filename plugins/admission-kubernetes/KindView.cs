using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Modular.Toolkit;

namespace Modular.Plugins.AdmissionKubernetes;

/// <summary>
/// The objects of a kind by which writes are decided. Who asks before they are all known waits, until they have been unknown for ten seconds; then the write is
/// refused, for letting it pass would be a hole. A watch lags: for a while after a write of the kind the API itself is asked, so that who writes a limit finds it obeyed.
/// </summary>
internal sealed partial class KindView(IPluginContext context, GroupVersionResource resource) : IAdmission, IAsyncDisposable
{
    private static readonly TimeSpan LongestLag = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestUnknown = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(10);

    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<string, long> _written = new(StringComparer.Ordinal);
    private volatile TaskCompletionSource<IInformer> _complete = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _unknownSince;
    private Task _following = Task.CompletedTask;

    /// <summary>Begins to follow; the API may serve only later.</summary>
    public void Start()
    {
        Volatile.Write(ref _unknownSince, context.Time.GetTimestamp());
        _following = Task.Run(() => FollowAsync(_stop.Token), CancellationToken.None);
    }

    public bool Handles(GroupVersionResource written, string subresource, AdmissionOperation operation) =>
        subresource.Length == 0 && written == resource && operation is not AdmissionOperation.Connect;

    /// <summary>Notes that an object of the kind is about to be written.</summary>
    public ValueTask ValidateAsync(AdmissionRequest request, CancellationToken cancellationToken)
    {
        _written[request.Namespace] = context.Time.GetTimestamp();
        return ValueTask.CompletedTask;
    }

    /// <summary>One object by name; null if there is none, which the API itself has been asked.</summary>
    public async ValueTask<ApiObject?> FindAsync(string ns, string name, CancellationToken cancellationToken)
    {
        var informer = await CompleteAsync(cancellationToken).ConfigureAwait(false);
        if (!IsLagging(ns) && informer.Get(ns, name) is { } found)
        {
            return found;
        }

        try
        {
            return await context.Api.GetAsync(new ResourceName(resource, ns, name), cancellationToken).ConfigureAwait(false);
        }
        catch (ApiException error) when (error.Reason == StatusReason.NotFound)
        {
            return null;
        }
    }

    /// <summary>The objects of a namespace, or all; in no order.</summary>
    public ValueTask<IReadOnlyList<ApiObject>> ListAsync(string ns, CancellationToken cancellationToken)
    {
        return !IsLagging(ns) && _complete.Task is { IsCompletedSuccessfully: true } known ? new(known.Result.List(ns)) : AskAsync();

        async ValueTask<IReadOnlyList<ApiObject>> AskAsync()
        {
            var informer = await CompleteAsync(cancellationToken).ConfigureAwait(false);
            return IsLagging(ns)
                ? (await context.Api.ListAsync(new ResourceScope(resource) { Namespace = ns }, cancellationToken).ConfigureAwait(false)).Items
                : informer.List(ns);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_stop.IsCancellationRequested)
        {
            await _stop.CancelAsync().ConfigureAwait(false);
        }

        await _following.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private bool IsLagging(string ns)
    {
        if (_written.IsEmpty || !_written.TryGetValue(ns, out var since))
        {
            return false;
        }

        if (context.Time.GetElapsedTime(since) < LongestLag)
        {
            return true;
        }

        _written.TryRemove(KeyValuePair.Create(ns, since));
        return false;
    }

    private async ValueTask<IInformer> CompleteAsync(CancellationToken cancellationToken)
    {
        var (complete, left) = (_complete.Task, LongestUnknown - context.Time.GetElapsedTime(Volatile.Read(ref _unknownSince)));
        try
        {
            return complete.IsCompletedSuccessfully
                ? complete.Result
                : await complete.WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, context.Time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw new ApiException(
                new ApiStatus(StatusReason.ServiceUnavailable, $"admission does not know the {resource.Resource} yet, so nothing is written") { RetryAfterSeconds = 1 });
        }
    }

    private async Task FollowAsync(CancellationToken stop)
    {
        var log = context.Log.CreateLogger("admission");
        for (var failures = 0; !stop.IsCancellationRequested; failures++)
        {
            try
            {
                await using var informer = await context.Api.OpenInformerAsync(new ResourceScope(resource), stop).ConfigureAwait(false);
                await foreach (var change in informer.ReadEventsAsync(stop).ConfigureAwait(false))
                {
                    if (change.Type == WatchEventType.Bookmark && _complete.TrySetResult(informer))
                    {
                        failures = 0;
                    }
                }
            }
            catch (Exception error) when (!stop.IsCancellationRequested)
            {
                // The kinds are served a moment after the plugins that bring them have started.
                if (error is not ApiException { Reason: StatusReason.NotFound or StatusReason.ServiceUnavailable })
                {
                    LogLost(log, resource.Resource, error.Message);
                }
            }

            if (_complete.Task.IsCompleted)
            {
                Volatile.Write(ref _unknownSince, context.Time.GetTimestamp());
                _complete = new TaskCompletionSource<IInformer>(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            await Task.Delay(BackOffDelay.After(FirstDelay, LongestDelay, failures), context.Time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    [LoggerMessage(LogLevel.Warning, "what {Resource} there are is not known, writes that depend on them are refused meanwhile: {Error}")]
    private static partial void LogLost(ILogger log, string resource, string error);
}
