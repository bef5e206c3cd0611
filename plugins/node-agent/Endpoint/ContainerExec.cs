using System.Net.WebSockets;
using Microsoft.AspNetCore.Http;
using Modular.Abstractions;
using Modular.ApiMachinery;
using Modular.Models;
using Modular.Plugins.NodeAgent.Containers;

namespace Modular.Plugins.NodeAgent.Endpoint;

/// <summary>Runs a command in a container for a WebSocket client.</summary>
internal sealed class ContainerExec(AgentServices services)
{
    public async Task HandleAsync(HttpContext context, ApiObject pod, Container container)
    {
        // First what is wrong with the container: kubectl asks again without a WebSocket and shows only what that is answered.
        var containerId = Running(pod, container);
        if (!context.WebSockets.IsWebSocketRequest)
        {
            throw new ApiException(StatusReason.BadRequest, "exec needs a WebSocket; the older SPDY protocol is not served");
        }

        var protocol = ChannelProtocol.Choose(context.WebSockets.WebSocketRequestedProtocols)
            ?? throw new ApiException(StatusReason.BadRequest, "exec is served as v5, v4 or plain channel.k8s.io, or base64.channel.k8s.io");
        var query = context.Request.Query;
        var request = new ExecRequest
        {
            ContainerId = containerId,
            Command = [.. query["command"].Select(argument => argument ?? "")],
            Stdin = Flag(query, "stdin") || Flag(query, "input"),
            Tty = Flag(query, "tty"),
        };
        if (request.Command.Count == 0)
        {
            throw new ApiException(StatusReason.BadRequest, "you must specify at least 1 container to exec a command in");
        }

        using var socket = await context.WebSockets.AcceptWebSocketAsync(protocol.Name.Length > 0 ? protocol.Name : null).ConfigureAwait(false);
        using var channels = new ChannelSocket(socket, protocol);
        var streams = new ExecStreams(channels, context.RequestAborted);
        RuntimeSession session;
        try
        {
            session = await services.Runtime.ExecAsync(request, context.RequestAborted).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is RuntimeException or ContractUnavailableException)
        {
            await streams.FailAsync(exception.Message).ConfigureAwait(false);
            return;
        }

        await using (session)
        {
            await streams.RunAsync(session.Session).ConfigureAwait(false);
        }
    }

    private string Running(ApiObject pod, Container container) =>
        services.Runtime.Containers(ContainerId.Sandbox(pod.Metadata.Uid))
            .FirstOrDefault(state => state.Name == container.Name && state.Phase == ContainerPhase.Running)?.Id
        ?? throw new ApiException(StatusReason.BadRequest, $"container {container.Name} of pod {pod.Metadata.Name} is not running");

    private static bool Flag(IQueryCollection query, string name) => query[name].ToString() is "true" or "1";
}
