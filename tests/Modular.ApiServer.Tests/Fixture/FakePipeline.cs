using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Modular.ApiServer.Tests;

/// <summary>A pipeline that remembers what it was asked and answers what the test set.</summary>
internal sealed class FakePipeline : IRequestPipeline
{
    public ApiRequest? Request { get; private set; }

    public ListOptions? ListOptions { get; private set; }

    public WriteOptions? WriteOptions { get; private set; }

    public DeleteOptions? DeleteOptions { get; private set; }

    public bool DeleteDryRun { get; private set; }

    public RequestBody? Body { get; private set; }

    public PatchType? PatchType { get; private set; }

    public ApiObject Object { get; set; } = Widgets.Make("a", 7);

    public ListResult List { get; set; } = new() { Items = [], Revision = 1 };

    public WriteResult Written { get; set; } = new() { Object = Widgets.Make("a", 7), Created = true };

    public DeleteResult Deleted { get; set; } = new(Widgets.Make("a", 7), Gone: true);

    public NodeRequest Node { get; set; } = new("node1", "/containerLogs/default/a/c", "?follow=true");

    public Exception? Failure { get; set; }

    public FakeWatch Watch { get; } = new();

    public ValueTask<ApiObject> GetAsync(ApiRequest request, CancellationToken cancellationToken) => Answer(request, Object);

    public ValueTask<ListResult> ListAsync(ApiRequest request, ListOptions options, CancellationToken cancellationToken)
    {
        ListOptions = options;
        return Answer(request, List);
    }

    public ValueTask<IWatchSession> WatchAsync(ApiRequest request, ListOptions options, CancellationToken cancellationToken)
    {
        ListOptions = options;
        return Answer<IWatchSession>(request, Watch);
    }

    public ValueTask<WriteResult> CreateAsync(ApiRequest request, RequestBody body, WriteOptions options, CancellationToken cancellationToken) =>
        Write(request, body, options);

    public ValueTask<WriteResult> UpdateAsync(ApiRequest request, RequestBody body, WriteOptions options, CancellationToken cancellationToken) =>
        Write(request, body, options);

    public ValueTask<WriteResult> PatchAsync(
        ApiRequest request, PatchType type, RequestBody body, WriteOptions options, CancellationToken cancellationToken)
    {
        PatchType = type;
        return Write(request, body, options);
    }

    public ValueTask<DeleteResult> DeleteAsync(ApiRequest request, DeleteOptions options, bool dryRun, CancellationToken cancellationToken)
    {
        (DeleteOptions, DeleteDryRun) = (options, dryRun);
        return Answer(request, Deleted);
    }

    public ValueTask<ListResult> DeleteCollectionAsync(
        ApiRequest request, ListOptions selection, DeleteOptions options, bool dryRun, CancellationToken cancellationToken)
    {
        (ListOptions, DeleteOptions, DeleteDryRun) = (selection, options, dryRun);
        return Answer(request, List);
    }

    public ValueTask<NodeRequest> ConnectAsync(
        ApiRequest request, IReadOnlyList<KeyValuePair<string, string>> query, CancellationToken cancellationToken) => Answer(request, Node);

    public ValueTask AuthorizeAsync(AuthorizationRequest request, CancellationToken cancellationToken)
    {
        Authorized.Add(request);
        return Failure is null ? ValueTask.CompletedTask : throw Failure;
    }

    /// <summary>What was to be authorized apart from requests for resources.</summary>
    public List<AuthorizationRequest> Authorized { get; } = [];

    private ValueTask<WriteResult> Write(ApiRequest request, RequestBody body, WriteOptions options)
    {
        (Body, WriteOptions) = (body, options);
        return Answer(request, Written);
    }

    private ValueTask<T> Answer<T>(ApiRequest request, T answer)
    {
        Request = request;
        return Failure is null ? ValueTask.FromResult(answer) : throw Failure;
    }
}

/// <summary>A watch that a test feeds.</summary>
internal sealed class FakeWatch : IWatchSession
{
    private readonly Channel<IReadOnlyList<WatchEvent>> _batches = Channel.CreateUnbounded<IReadOnlyList<WatchEvent>>();

    public TaskCompletionSource Disposed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Send(params WatchEvent[] batch) => Send((IReadOnlyList<WatchEvent>)batch);

    public void Send(IReadOnlyList<WatchEvent> batch) => _batches.Writer.TryWrite(batch);

    public void End(Exception? failure = null) => _batches.Writer.Complete(failure);

    public async IAsyncEnumerable<IReadOnlyList<WatchEvent>> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var batch in _batches.Reader.ReadAllAsync(cancellationToken))
        {
            yield return batch;
        }
    }

    public ValueTask DisposeAsync()
    {
        Disposed.TrySetResult();
        return ValueTask.CompletedTask;
    }
}
