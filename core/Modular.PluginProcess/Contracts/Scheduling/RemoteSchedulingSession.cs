using Grpc.Core;
using Modular.Abstractions;
using Protocol = Modular.PluginProcess.Protocol;

namespace Modular.PluginProcess.Contracts;

/// <summary>A session as a stream of questions, each answered before the next.</summary>
internal sealed class RemoteSchedulingSession(RemotePlugin plugin, Protocol.Scheduler.SchedulerClient client) : ISchedulingSession
{
    private static readonly TimeSpan EndTimeout = TimeSpan.FromSeconds(1);

    private readonly AsyncDuplexStreamingCall<Protocol.SessionRequest, Protocol.SessionReply> _call = client.OpenSession();

    public async ValueTask OpenAsync(SchedulingSessionOptions options, CancellationToken cancellationToken) => await AskAsync(
        new() { Open = new() { Seed = options.Seed } }, Protocol.SessionReply.ReplyOneofCase.Opened, cancellationToken).ConfigureAwait(false);

    public async ValueTask<bool> UpdateAsync(ClusterDelta delta, CancellationToken cancellationToken)
    {
        var reply = await AskAsync(
            new() { Update = SchedulingMessages.ToMessage(delta) }, Protocol.SessionReply.ReplyOneofCase.Updated, cancellationToken).ConfigureAwait(false);
        return reply.Updated.Accepted;
    }

    public async ValueTask<IReadOnlyList<Placement>> PlaceAsync(IReadOnlyList<SchedulingPod> pods, CancellationToken cancellationToken)
    {
        var reply = await AskAsync(
            new() { Place = SchedulingMessages.ToMessage(pods) }, Protocol.SessionReply.ReplyOneofCase.Placed, cancellationToken).ConfigureAwait(false);
        return SchedulingMessages.FromMessage(reply.Placed);
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            using var limited = new CancellationTokenSource(EndTimeout);
            await _call.RequestStream.CompleteAsync().ConfigureAwait(false);
            // Else it would hear of a connection that broke.
            await _call.ResponseStream.MoveNext(limited.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is RpcException or IOException or InvalidOperationException or OperationCanceledException)
        {
            // The process is gone, and the session with it.
        }

        _call.Dispose();
    }

    private async ValueTask<Protocol.SessionReply> AskAsync(
        Protocol.SessionRequest request, Protocol.SessionReply.ReplyOneofCase expected, CancellationToken cancellationToken)
    {
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limited.CancelAfter(plugin.CallTimeout);
        try
        {
            await _call.RequestStream.WriteAsync(request, limited.Token).ConfigureAwait(false);
            if (!await _call.ResponseStream.MoveNext(limited.Token).ConfigureAwait(false))
            {
                throw plugin.Wrong("ended the session");
            }
        }
        catch (Exception) when (limited.IsCancellationRequested)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw plugin.Late();
        }
        catch (Exception e) when (e is RpcException or IOException or InvalidOperationException && e is not PluginProcessException)
        {
            throw plugin.Failure(e);
        }

        var reply = _call.ResponseStream.Current;
        return reply.ReplyCase == expected ? reply : throw plugin.Wrong($"answered {reply.ReplyCase} where {expected} was expected");
    }
}
