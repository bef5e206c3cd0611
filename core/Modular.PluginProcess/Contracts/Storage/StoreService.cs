using Grpc.Core;
using Modular.Abstractions;
using Modular.PluginProcess.Child;
using Protocol = Modular.PluginProcess.Protocol;

namespace Modular.PluginProcess.Contracts;

/// <summary>Answers for the store that this process's plugin provides.</summary>
internal sealed class StoreService(IContractSource contracts) : Protocol.ObjectStore.ObjectStoreBase
{
    private IObjectStore Store => contracts.Get<IObjectStore>();

    public override async Task<Protocol.StoreStatus> GetStatus(Protocol.StoreStatusRequest request, ServerCallContext context) =>
        StoreMessages.ToMessage(await Store.GetStatusAsync(context.CancellationToken));

    public override async Task<Protocol.RangeResult> Range(Protocol.RangeRequest request, ServerCallContext context) =>
        StoreMessages.ToMessage(await Store.RangeAsync(StoreMessages.FromMessage(request), context.CancellationToken));

    public override async Task<Protocol.CommitResult> Commit(Protocol.CommitRequest request, ServerCallContext context)
    {
        var store = Store;
        try
        {
            return StoreMessages.ToMessage(await store.CommitAsync(StoreMessages.FromMessage(request), context.CancellationToken));
        }
        catch (ArgumentException e)
        {
            // Nothing was done. Any other failure leaves that open.
            throw new RpcException(new Status(StatusCode.InvalidArgument, e.Message));
        }
    }

    public override async Task Watch(Protocol.StoreWatchRequest request, IServerStreamWriter<Protocol.StoreWatchBatch> batches, ServerCallContext context)
    {
        var stop = context.CancellationToken;
        try
        {
            // The next batch is asked for when the stream has taken this one, which it does as fast as the host reads.
            await foreach (var batch in Store.WatchAsync(StoreMessages.FromMessage(request), stop))
            {
                await batches.WriteAsync(StoreMessages.ToMessage(batch), stop);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException && stop.IsCancellationRequested)
        {
            // The host ended the watch, or is gone.
        }
    }

    public override async Task<Protocol.CompactReply> Compact(Protocol.CompactRequest request, ServerCallContext context)
    {
        await Store.CompactAsync(request.Revision, context.CancellationToken);
        return new();
    }
}
