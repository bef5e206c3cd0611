using System.Text.Json.Nodes;
using Grpc.Core;
using Microsoft.Extensions.Hosting;
using Modular.Abstractions;
using Protocol = Modular.PluginProcess.Protocol;

namespace Modular.PluginProcess;

/// <summary>Tells a plugin's process who provides the contracts that it uses, and hears from it how trials go.</summary>
internal sealed class RequirementsService(ServedContracts contracts, IHostApplicationLifetime server) : Protocol.Requirements.RequirementsBase
{
    public override async Task Watch(Protocol.WatchRequirementsRequest request, IServerStreamWriter<Protocol.Requirement> responseStream, ServerCallContext context)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, server.ApplicationStopping);
        try
        {
            await TellAsync(responseStream, end.Token);
        }
        catch (Exception e) when (end.IsCancellationRequested && e is OperationCanceledException or IOException or InvalidOperationException)
        {
            // The process is gone, or its plugin stops.
        }
    }

    public override Task<Protocol.ReportTrialReply> ReportTrial(Protocol.ReportTrialRequest request, ServerCallContext context)
    {
        var report = JsonNode.Parse(request.Report) as JsonObject ?? throw new RpcException(new Status(StatusCode.InvalidArgument, "a report is a JSON object"));
        Observe(request.Contract, request.Plugin, observer => observer.Report(report));
        return Task.FromResult(new Protocol.ReportTrialReply());
    }

    public override Task<Protocol.RejectTrialReply> RejectTrial(Protocol.RejectTrialRequest request, ServerCallContext context)
    {
        Observe(request.Contract, request.Plugin, observer => observer.Reject(request.Reason, request.Message));
        return Task.FromResult(new Protocol.RejectTrialReply());
    }

    private void Observe(string contract, Protocol.Identity plugin, Action<ITrialObserver> say)
    {
        // One that is tried no more needs no words.
        contracts.All.FirstOrDefault(served => served.Contract == contract)?.Observe(CandidateName.Of(ContextMessages.ToIdentity(plugin)), say);
    }

    private async Task TellAsync(IServerStreamWriter<Protocol.Requirement> news, CancellationToken end)
    {
        var told = new Dictionary<ServedContract, Protocol.Requirement>();
        while (true)
        {
            foreach (var contract in contracts.All)
            {
                var current = contract.Current;
                if (!told.TryGetValue(contract, out var before)
                    || (before.Generation, before.CandidatesGeneration) != (current.Generation, current.CandidatesGeneration))
                {
                    await news.WriteAsync(current, end);
                    told[contract] = current;
                }
            }

            using var round = CancellationTokenSource.CreateLinkedTokenSource(end);
            await Task.WhenAny(told.Select(known => known.Key.WaitForChangeAsync(known.Value, round.Token)));
            await round.CancelAsync();
            end.ThrowIfCancellationRequested();
        }
    }
}
