using System.Net.Sockets;
using Modular.RuntimeNative.Protocol;
using Modular.RuntimeNative.Supervisor.Containers;

namespace Modular.RuntimeNative.Supervisor.Server;

/// <summary>One who is attached to a container's own program. He comes and goes, and the container goes on.</summary>
internal sealed class AttachConnection(Wire wire, RunningContainer container, AttachedClient client, bool givesInput)
{
    private readonly ClientInput _input = new(wire, container.Streams.Input, container.Launch.Tty);

    public static async Task ServeAsync(Wire wire, Request request, ContainerTable table)
    {
        RunningContainer container;
        try
        {
            container = table.Running(request.Target);
        }
        catch (RequestException exception)
        {
            var refused = new Response { Id = request.Id, Error = new ErrorRecord(exception.Reason, exception.Message) };
            await wire.WriteAsync(refused, ProtocolJson.Default.Response, CancellationToken.None).ConfigureAwait(false);
            return;
        }

        var client = container.Streams.Audience.Join();
        try
        {
            var givesInput = request.Attach is { Stdin: true } && container.Launch.Stdin;
            await new AttachConnection(wire, container, client, givesInput).RunAsync(new Response { Id = request.Id }).ConfigureAwait(false);
        }
        finally
        {
            container.Streams.Audience.Leave(client);
        }
    }

    private async Task RunAsync(Response attached)
    {
        try
        {
            await wire.WriteAsync(attached, ProtocolJson.Default.Response, CancellationToken.None).ConfigureAwait(false);
            await Task.WhenAny(_input.ReceiveAsync(givesInput, OnEndOfInput), SendAsync()).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The client has gone already.
        }

        // Whoever comes back to a terminal finds it as it was left.
        if (givesInput && container.Launch is { StdinOnce: true, Tty: false })
        {
            _input.End();
        }
    }

    private void OnEndOfInput()
    {
        if (container.Launch.StdinOnce)
        {
            _input.End();
        }
        else
        {
            // The input stays for others; who has nothing more to say goes.
            client.End(exitCode: 0);
        }
    }

    private async Task SendAsync()
    {
        try
        {
            while (await client.NextAsync().ConfigureAwait(false) is { } piece)
            {
                await wire.WriteFrameAsync(piece.Type, piece.Data, CancellationToken.None).ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The client has gone.
        }
    }
}
