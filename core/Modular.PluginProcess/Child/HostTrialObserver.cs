using System.Text.Json.Nodes;
using Grpc.Core;
using Modular.Abstractions;
using Protocol = Modular.PluginProcess.Protocol;

namespace Modular.PluginProcess.Child;

/// <summary>Tells the host how a trial goes. Of reports that come faster than the host takes them, the last counts. Thread-safe.</summary>
internal sealed class HostTrialObserver(CallInvoker host, string contract, PluginIdentity plugin) : ITrialObserver
{
    private readonly Protocol.Requirements.RequirementsClient _client = new(host);
    private readonly Lock _lock = new();
    private string? _next;
    private bool _isSending;

    public void Report(JsonObject report)
    {
        lock (_lock)
        {
            _next = report.ToJsonString();
            if (_isSending)
            {
                return;
            }

            _isSending = true;
        }

        _ = SendAsync();
    }

    public void Reject(string reason, string message) => _ = TellAsync(_client.RejectTrialAsync(
        new Protocol.RejectTrialRequest { Contract = contract, Plugin = ContextMessages.ToMessage(plugin), Reason = reason, Message = message }));

    private async Task SendAsync()
    {
        while (true)
        {
            string report;
            lock (_lock)
            {
                if (_next is null)
                {
                    _isSending = false;
                    return;
                }

                (report, _next) = (_next, null);
            }

            await TellAsync(_client.ReportTrialAsync(new Protocol.ReportTrialRequest { Contract = contract, Plugin = ContextMessages.ToMessage(plugin), Report = report }));
        }
    }

    private static async Task TellAsync<T>(AsyncUnaryCall<T> call)
    {
        try
        {
            using (call)
            {
                await call.ResponseAsync;
            }
        }
        catch (RpcException)
        {
            // The host is gone, and with it the trial.
        }
    }
}
