using Modular.Abstractions;
using Modular.ApiMachinery;

namespace Modular.Toolkit;

/// <summary>The sources of a running controller: an informer each, whose events become keys of the queue.</summary>
internal sealed class OpenSources(IApiClient api, WorkQueue<ObjectName> queue) : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private readonly List<IInformer> _informers = [];
    private readonly List<Task> _feeds = [];

    /// <summary>Completes, or fails, once one of them has ended, which none does by itself.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Opens sources, and waits until all are complete.</summary>
    public async Task<IReadOnlyList<IInformer>> OpenAsync(IReadOnlyList<ControllerSource> sources, CancellationToken cancellationToken)
    {
        var opened = new List<IInformer>();
        var synced = new List<Task>();
        foreach (var source in sources)
        {
            var informer = await api.OpenInformerAsync(source.Scope, cancellationToken).ConfigureAwait(false);
            opened.Add(informer);
            synced.Add(Follow(source, informer));
        }

        var all = Task.WhenAll(synced);
        await (await Task.WhenAny(all, _ended.Task).WaitAsync(cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
        await all.WaitAsync(cancellationToken).ConfigureAwait(false);
        return opened;
    }

    /// <summary>Opens one more source.</summary>
    public async ValueTask<IInformer> AddAsync(ControllerSource source, CancellationToken cancellationToken) =>
        (await OpenAsync([source], cancellationToken).ConfigureAwait(false))[0];

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        foreach (var feed in _feeds)
        {
            await feed.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        foreach (var informer in _informers)
        {
            await informer.DisposeAsync().ConfigureAwait(false);
        }

        _stop.Dispose();
    }

    private Task Follow(ControllerSource source, IInformer informer)
    {
        var feed = new SourceFeed(source, informer, queue);
        lock (_gate)
        {
            _informers.Add(informer);
            _feeds.Add(RunAsync(feed));
        }

        return feed.Synced;
    }

    private async Task RunAsync(SourceFeed feed)
    {
        try
        {
            await feed.RunAsync(_stop.Token).ConfigureAwait(false);
            _ended.TrySetResult();
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            _ended.TrySetCanceled(CancellationToken.None);
        }
        catch (Exception error)
        {
            _ended.TrySetException(error);
        }
    }
}
