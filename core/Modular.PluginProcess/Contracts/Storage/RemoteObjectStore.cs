using System.Runtime.CompilerServices;
using Grpc.Core;
using Modular.Abstractions;
using Protocol = Modular.PluginProcess.Protocol;

namespace Modular.PluginProcess.Contracts;

/// <summary>A store in another process. Calls wait for that process while it is started again; watches end with it.</summary>
internal sealed class RemoteObjectStore(RemotePlugin plugin) : IObjectStore
{
    private readonly Protocol.ObjectStore.ObjectStoreClient _client = new(plugin.Channel);
    private readonly StoreCalls _calls = new(plugin);

    public async ValueTask<StoreStatus> GetStatusAsync(CancellationToken cancellationToken) =>
        StoreMessages.FromMessage(await _calls.RepeatAsync(_client.GetStatusAsync, new Protocol.StoreStatusRequest(), cancellationToken).ConfigureAwait(false));

    public async ValueTask<RangeResult> RangeAsync(RangeRequest request, CancellationToken cancellationToken)
    {
        var reply = await _calls.RepeatAsync(_client.RangeAsync, StoreMessages.ToMessage(request), cancellationToken).ConfigureAwait(false);
        return StoreMessages.FromMessage(reply) ?? throw plugin.Wrong("does not say how a range ended");
    }

    public async ValueTask<CommitResult> CommitAsync(CommitRequest request, CancellationToken cancellationToken)
    {
        var reply = await _calls.SendOnceAsync(_client.CommitAsync, StoreMessages.ToMessage(request), cancellationToken).ConfigureAwait(false);
        return reply is null ? new CommitResult { Outcome = CommitOutcome.Unknown } : StoreMessages.FromMessage(reply);
    }

    public async IAsyncEnumerable<StoreWatchBatch> WatchAsync(StoreWatchRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var call = _client.Watch(StoreMessages.ToMessage(request), cancellationToken: cancellationToken);
        while (await MoveNextAsync(call.ResponseStream, cancellationToken).ConfigureAwait(false))
        {
            yield return StoreMessages.FromMessage(call.ResponseStream.Current) ?? throw plugin.Wrong("sent a batch of no kind");
        }
    }

    public async ValueTask CompactAsync(long revision, CancellationToken cancellationToken) =>
        await _calls.RepeatAsync(_client.CompactAsync, new Protocol.CompactRequest { Revision = revision }, cancellationToken).ConfigureAwait(false);

    private async ValueTask<bool> MoveNextAsync(IAsyncStreamReader<Protocol.StoreWatchBatch> batches, CancellationToken cancellationToken)
    {
        try
        {
            return await batches.MoveNext(cancellationToken).ConfigureAwait(false);
        }
        catch (RpcException) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        catch (RpcException e) when (StoreCalls.IsLost(e))
        {
            return false;
        }
        catch (RpcException e)
        {
            throw plugin.Failure(e);
        }
    }
}
