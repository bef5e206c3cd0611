using System.Net.Sockets;
using Modular.RuntimeNative.Protocol;
using Modular.RuntimeNative.Supervisor.Containers;
using Modular.RuntimeNative.Supervisor.Native;

namespace Modular.RuntimeNative.Supervisor.Server;

/// <summary>Listens on the Unix socket; each connection is a host's commands, a watch, a command in a container, or one who is attached to it.</summary>
internal sealed class SupervisorServer(ContainerTable table, HelloRecord hello, string socketPath)
{
    private const int Backlog = 64;
    private static readonly TimeSpan AcceptPause = TimeSpan.FromSeconds(1);

    /// <summary>Opens the socket: from now on hosts can connect.</summary>
    public Socket Listen()
    {
        File.Delete(socketPath);
        var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(socketPath));
        File.SetUnixFileMode(socketPath, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        listener.Listen(Backlog);
        return listener;
    }

    public async Task AcceptAsync(Socket listener, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                var socket = await listener.AcceptAsync(cancellationToken).ConfigureAwait(false);
                _ = ServeAsync(socket, cancellationToken);
            }
            catch (SocketException exception)
            {
                // Too many open files, most likely. The containers go on, and hosts wait in the backlog until some are closed.
                SupervisorLog.Write($"a connection could not be accepted: {exception.Message}");
                await Task.Delay(AcceptPause, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task ServeAsync(Socket socket, CancellationToken cancellationToken)
    {
        using var wire = new Wire(socket);
        using var connection = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            while (await wire.ReadAsync(ProtocolJson.Default.Request, cancellationToken).ConfigureAwait(false) is { } request)
            {
                switch (request.Operation)
                {
                    case Operations.Exec:
                        await ExecConnection.ServeAsync(wire, request, table).ConfigureAwait(false);
                        return;
                    case Operations.Attach:
                        await AttachConnection.ServeAsync(wire, request, table).ConfigureAwait(false);
                        return;
                    case Operations.Watch:
                        _ = WatchAsync(wire, request, connection.Token);
                        break;
                    default:
                        _ = AnswerAsync(wire, request, cancellationToken);
                        break;
                }
            }
        }
        catch (Exception exception) when (exception is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The host went away; it comes back.
        }
        catch (System.Text.Json.JsonException exception)
        {
            SupervisorLog.Write($"a connection was closed because its request is not readable: {exception.Message}");
        }
        finally
        {
            await connection.CancelAsync().ConfigureAwait(false);
        }
    }

    private async Task WatchAsync(Wire wire, Request request, CancellationToken cancellationToken)
    {
        try
        {
            var after = request.After;
            while (true)
            {
                var (events, more) = table.History.After(after);
                foreach (var entry in events)
                {
                    await wire.WriteAsync(new Response { Id = request.Id, Event = entry }, ProtocolJson.Default.Response, cancellationToken)
                        .ConfigureAwait(false);
                    after = entry.Position;
                }

                await more.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (exception is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The watcher went away.
        }
    }

    private async Task AnswerAsync(Wire wire, Request request, CancellationToken cancellationToken)
    {
        // Requests of one connection run side by side: stopping a container takes as long as the container likes.
        await Task.Yield();
        Response response;
        try
        {
            response = await CarryOutAsync(request).ConfigureAwait(false);
        }
        catch (RequestException exception)
        {
            response = new Response { Error = new ErrorRecord(exception.Reason, exception.Message) };
        }
        catch (Exception exception)
        {
            SupervisorLog.Write($"{request.Operation} {request.Target} failed: {exception.Message}");
            response = new Response { Error = new ErrorRecord("RuntimeError", exception.Message) };
        }

        try
        {
            await wire.WriteAsync(response with { Id = request.Id }, ProtocolJson.Default.Response, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // Nobody waits for the answer any more; whoever asks again finds the work done.
        }
    }

    private async Task<Response> CarryOutAsync(Request request)
    {
        switch (request.Operation)
        {
            case Operations.Hello:
                return new Response { Hello = hello };
            case Operations.List:
                return new Response { State = table.List() };
            case Operations.EnsureSandbox:
                return new Response { Sandbox = await table.EnsureSandboxAsync(request.Sandbox ?? throw Missing("sandbox")).ConfigureAwait(false) };
            case Operations.StopSandbox:
                await table.StopSandboxAsync(request.Target).ConfigureAwait(false);
                return new Response();
            case Operations.RemoveSandbox:
                await table.RemoveSandboxAsync(request.Target).ConfigureAwait(false);
                return new Response();
            case Operations.EnsureContainer:
                await table.EnsureContainerAsync(request.Container ?? throw Missing("container")).ConfigureAwait(false);
                return new Response();
            case Operations.StartContainer:
                return new Response { Container = await table.StartContainerAsync(request.Target).ConfigureAwait(false) };
            case Operations.StopContainer:
                await table.StopContainerAsync(request.Target, TimeSpan.FromSeconds(request.GraceSeconds), CancellationToken.None)
                    .ConfigureAwait(false);
                return new Response();
            case Operations.RemoveContainer:
                await table.RemoveContainerAsync(request.Target).ConfigureAwait(false);
                return new Response();
            default:
                throw new RequestException("UnknownOperation", $"this supervisor does not know '{request.Operation}'");
        }
    }

    private static RequestException Missing(string what) => new("BadRequest", $"the request holds no {what}");
}
