using Microsoft.AspNetCore.Http;
using Modular.Abstractions;
using Modular.ApiMachinery;
using Modular.Models;
using Modular.Plugins.NodeAgent.Containers;

namespace Modular.Plugins.NodeAgent.Endpoint;

/// <summary>A client's wish for a session in a container, over a WebSocket.</summary>
/// <param name="services">What the agent works with.</param>
/// <param name="what">What is asked for, as errors name it.</param>
/// <param name="tellsExitCode">Whether the client hears how the session ended.</param>
internal sealed class SessionRequest(AgentServices services, string what, bool tellsExitCode)
{
    /// <summary>The container's id.</summary>
    /// <exception cref="ApiException">BadRequest: it does not run.</exception>
    public string FindRunning(ApiObject pod, Container container) =>
        services.Runtime.Containers(ContainerId.Sandbox(pod.Metadata.Uid))
            .FirstOrDefault(state => state.Name == container.Name && state.Phase == ContainerPhase.Running)?.Id
        ?? throw new ApiException(StatusReason.BadRequest, $"container {container.Name} of pod {pod.Metadata.Name} is not running");

    /// <summary>Opens a session and carries its streams until it ends.</summary>
    /// <exception cref="ApiException">BadRequest: the client does not speak of streams.</exception>
    public async Task CarryAsync(HttpContext context, Func<ValueTask<RuntimeSession>> open)
    {
        var protocol = Choose(context.WebSockets);
        using var socket = await context.WebSockets.AcceptWebSocketAsync(protocol.Name.Length > 0 ? protocol.Name : null).ConfigureAwait(false);
        using var channels = new ChannelSocket(socket, protocol);
        var streams = new SessionStreams(channels, context.RequestAborted);
        RuntimeSession session;
        try
        {
            session = await open().ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is RuntimeException or ContractUnavailableException)
        {
            await streams.FailAsync(exception.Message).ConfigureAwait(false);
            return;
        }

        await using (session)
        {
            await streams.RunAsync(session.Session, tellsExitCode).ConfigureAwait(false);
        }
    }

    /// <summary>Whether the client sends input.</summary>
    public static bool HasInput(IQueryCollection query) => Flag(query, "stdin") || Flag(query, "input");

    public static bool Flag(IQueryCollection query, string name) => query[name].ToString() is "true" or "1";

    private ChannelProtocol Choose(WebSocketManager sockets)
    {
        if (!sockets.IsWebSocketRequest)
        {
            throw new ApiException(StatusReason.BadRequest, $"{what} needs a WebSocket; the older SPDY protocol is not served");
        }

        return ChannelProtocol.Choose(sockets.WebSocketRequestedProtocols)
            ?? throw new ApiException(StatusReason.BadRequest, $"{what} is served as v5, v4 or plain channel.k8s.io, or base64.channel.k8s.io");
    }
}
