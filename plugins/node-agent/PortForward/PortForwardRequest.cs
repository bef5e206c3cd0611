using System.Globalization;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Modular.Abstractions;
using Modular.ApiMachinery;
using Modular.Plugins.NodeAgent.Endpoint;
using Modular.Plugins.NodeAgent.Pods;

namespace Modular.Plugins.NodeAgent.PortForward;

/// <summary>Answers a request to forward ports, in whichever of the three ways the client speaks.</summary>
internal sealed class PortForwardRequest(AgentServices services, NodeAgent agent)
{
    private const string Protocol = "portforward.k8s.io";
    private const string Spdy = "SPDY/3.1";
    private const string Tunnel = $"{Spdy}+{Protocol}";
    private const string ProtocolHeader = "X-Stream-Protocol-Version";
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(1);

    public async Task HandleAsync(HttpContext context, PodWorker worker)
    {
        var ports = new PodPorts(services, worker.Pod);
        if (!ports.Exist)
        {
            throw new ApiException(StatusReason.BadRequest, $"pod {ports.PodName} is not running");
        }

        using var over = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        using var subscription = ports.Subscribe(() => CancelIfGone(ports, over));
        var gone = CancelAfterAsync(worker, over);
        CancelIfGone(ports, over);
        try
        {
            await HandleAsync(context, ports, over.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException or WebSocketException)
        {
            // The client has gone, or the pod.
        }
        finally
        {
            await over.CancelAsync().ConfigureAwait(false);
            await gone.ConfigureAwait(false);
        }
    }

    private void CancelIfGone(PodPorts ports, CancellationTokenSource over)
    {
        // Containers come back as long as somebody looks after the pod; an agent that was replaced would not learn that nobody does.
        if (!ports.Exist || (agent.HasStopped && !ports.HaveProcesses))
        {
            try
            {
                // Not on the thread that tells of the runtime's changes.
                _ = over.CancelAsync();
            }
            catch (ObjectDisposedException)
            {
                // The session has ended meanwhile.
            }
        }
    }

    private async Task CancelAfterAsync(PodWorker worker, CancellationTokenSource over)
    {
        await worker.Completion.WaitAsync(over.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        // A worker that ends because its agent does says nothing about the pod.
        if (!agent.HasStopped)
        {
            await over.CancelAsync().ConfigureAwait(false);
        }
    }

    private static Task HandleAsync(HttpContext context, PodPorts ports, CancellationToken over)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            return UpgradeAsync(context, ports, over);
        }

        return context.WebSockets.WebSocketRequestedProtocols.Contains(Tunnel)
            ? TunnelAsync(context, ports, over)
            : ForwardChannelsAsync(context, ports, over);
    }

    private static async Task TunnelAsync(HttpContext context, PodPorts ports, CancellationToken over)
    {
        // Not a token in the sense of the standard that AcceptWebSocketAsync insists on.
        context.Response.Headers.SecWebSocketProtocol = Tunnel;
        using var socket = await context.WebSockets.AcceptWebSocketAsync(subProtocol: null).ConfigureAwait(false);
        await using var transport = WebSocketStream.Create(socket, WebSocketMessageType.Binary, CloseTimeout);
        using var forward = new SpdyForward(ports, over);
        await forward.RunAsync(transport).ConfigureAwait(false);
    }

    private static async Task UpgradeAsync(HttpContext context, PodPorts ports, CancellationToken over)
    {
        if (context.Features.Get<IHttpUpgradeFeature>() is not { IsUpgradableRequest: true } upgrade
            || !context.Request.Headers.Upgrade.ToString().Equals(Spdy, StringComparison.OrdinalIgnoreCase))
        {
            throw new ApiException(StatusReason.BadRequest, "port-forward needs a WebSocket or an upgrade to SPDY/3.1");
        }

        if (!context.Request.Headers[ProtocolHeader].Contains(Protocol))
        {
            context.Response.Headers["X-Accepted-Stream-Protocol-Versions"] = Protocol;
            throw new ApiException(StatusReason.Forbidden, $"ports are forwarded by the protocol {Protocol}");
        }

        context.Response.Headers.Upgrade = Spdy;
        context.Response.Headers[ProtocolHeader] = Protocol;
        await using var transport = await upgrade.UpgradeAsync().ConfigureAwait(false);
        using var forward = new SpdyForward(ports, over);
        await forward.RunAsync(transport).ConfigureAwait(false);
    }

    private static async Task ForwardChannelsAsync(HttpContext context, PodPorts ports, CancellationToken over)
    {
        var protocol = ChannelProtocol.ChooseForPorts(context.WebSockets.WebSocketRequestedProtocols)
            ?? throw new ApiException(StatusReason.BadRequest, $"ports are forwarded as {Tunnel}, v4.channel.k8s.io or v4.base64.channel.k8s.io");
        var numbers = PortsOf(context.Request.Query);
        using var socket = await context.WebSockets.AcceptWebSocketAsync(protocol.Name.Length > 0 ? protocol.Name : null).ConfigureAwait(false);
        using var channels = new ChannelSocket(socket, protocol);
        await new ChannelForward(channels, ports, over).RunAsync(numbers).ConfigureAwait(false);
    }

    private static List<int> PortsOf(IQueryCollection query)
    {
        var numbers = new List<int>();
        foreach (var text in query["port"].SelectMany(list => (list ?? "").Split(',')))
        {
            numbers.Add(ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port > 0
                ? port
                : throw new ApiException(StatusReason.BadRequest, $"port: '{text}' is not valid: it must be between 1 and 65535"));
        }

        return numbers.Count is > 0 and <= ChannelForward.MostPorts
            ? numbers
            : throw new ApiException(StatusReason.BadRequest, $"port: there must be between 1 and {ChannelForward.MostPorts} of them");
    }
}
