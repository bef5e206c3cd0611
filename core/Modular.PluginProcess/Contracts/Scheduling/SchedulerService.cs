using Grpc.Core;
using Modular.Abstractions;
using Protocol = Modular.PluginProcess.Protocol;

namespace Modular.PluginProcess.Contracts;

/// <summary>Answers for the scheduler that is provided.</summary>
internal sealed class SchedulerService(IContractSource contracts) : Protocol.Scheduler.SchedulerBase
{
    public override async Task OpenSession(
        IAsyncStreamReader<Protocol.SessionRequest> requests, IServerStreamWriter<Protocol.SessionReply> replies, ServerCallContext context)
    {
        var stop = context.CancellationToken;
        var scheduler = contracts.Get<IScheduler>();
        if (!await requests.MoveNext(stop) || requests.Current.RequestCase != Protocol.SessionRequest.RequestOneofCase.Open)
        {
            throw new RpcException(new Status(StatusCode.InvalidArgument, "a session begins with open"));
        }

        try
        {
            await ServeAsync(scheduler, requests, replies, stop);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException && stop.IsCancellationRequested)
        {
            // The host ended the session in the middle of a question, or is gone.
        }
    }

    private static async Task ServeAsync(
        IScheduler scheduler, IAsyncStreamReader<Protocol.SessionRequest> requests, IServerStreamWriter<Protocol.SessionReply> replies, CancellationToken stop)
    {
        await using var session = await scheduler.OpenAsync(new SchedulingSessionOptions { Seed = requests.Current.Open.Seed }, stop);
        await replies.WriteAsync(new() { Opened = new() }, stop);
        while (await requests.MoveNext(stop))
        {
            await replies.WriteAsync(await AnswerAsync(session, requests.Current, stop), stop);
        }
    }

    private static async ValueTask<Protocol.SessionReply> AnswerAsync(ISchedulingSession session, Protocol.SessionRequest request, CancellationToken stop) =>
        request.RequestCase switch
        {
            Protocol.SessionRequest.RequestOneofCase.Update => new()
            {
                Updated = new() { Accepted = await session.UpdateAsync(SchedulingMessages.FromMessage(request.Update), stop) },
            },
            Protocol.SessionRequest.RequestOneofCase.Place => new()
            {
                Placed = SchedulingMessages.ToMessage(await session.PlaceAsync([.. request.Place.Pods.Select(SchedulingMessages.FromMessage)], stop)),
            },
            _ => throw new RpcException(new Status(StatusCode.InvalidArgument, $"{request.RequestCase} is not expected in a session")),
        };
}
