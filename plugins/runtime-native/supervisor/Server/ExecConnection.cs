using System.Buffers.Binary;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Modular.RuntimeNative.Protocol;
using Modular.RuntimeNative.Supervisor.Containers;
using Modular.RuntimeNative.Supervisor.Native;

namespace Modular.RuntimeNative.Supervisor.Server;

/// <summary>One command in a container. Its streams have threads of their own, so that a slow client slows down the command and nothing else.</summary>
internal sealed class ExecConnection
{
    private const int ChunkSize = 32 * 1024;

    private readonly Wire _wire;
    private readonly ChildProcess _process;
    private readonly ProgramInput _input;
    private readonly int _output;
    private readonly int _error;
    private readonly bool _tty;

    private ExecConnection(Wire wire, ChildProcess process, int input, int output, int error, bool tty)
    {
        _wire = wire;
        _process = process;
        _input = new ProgramInput(input);
        _output = output;
        _error = error;
        _tty = tty;
    }

    public static async Task ServeAsync(Wire wire, Request request, ContainerTable table)
    {
        ExecConnection connection;
        try
        {
            connection = Start(wire, request, table);
        }
        catch (Exception exception) when (exception is RequestException or ChildStartException or IOException)
        {
            var reason = (exception as RequestException)?.Reason ?? "ExecFailed";
            var refused = new Response { Id = request.Id, Error = new ErrorRecord(reason, exception.Message) };
            await wire.WriteAsync(refused, ProtocolJson.Default.Response, CancellationToken.None).ConfigureAwait(false);
            return;
        }

        await connection.RunAsync(new Response { Id = request.Id }).ConfigureAwait(false);
    }

    private static ExecConnection Start(Wire wire, Request request, ContainerTable table)
    {
        var command = request.Exec is { Command.Count: > 0 } exec ? exec : throw new RequestException("BadRequest", "there is no command");
        var launch = table.GetRunning(request.Target);
        var start = new ChildStart
        {
            Arguments = command.Command,
            Environment = ProgramEnvironment.Of(launch, command.Tty),
            WorkingDirectory = launch.WorkingDirectory,
        };
        ChildProcess Begin(ChildStart connected) => table.Execute(request.Target, connected);
        return command.Tty ? StartInTerminal(wire, start, table.OpenTerminal(request.Target), Begin) : StartWithPipes(wire, start, command.Stdin, Begin);
    }

    private static ExecConnection StartInTerminal(Wire wire, ChildStart start, PseudoTerminal terminal, Func<ChildStart, ChildProcess> begin)
    {
        try
        {
            var process = begin(start with { Terminal = terminal.Device });
            return new ExecConnection(wire, process, terminal.Master, terminal.Master, -1, tty: true);
        }
        catch
        {
            _ = LibC.close(terminal.Master);
            throw;
        }
        finally
        {
            _ = LibC.close(terminal.Device);
        }
    }

    private static ExecConnection StartWithPipes(Wire wire, ChildStart start, bool withInput, Func<ChildStart, ChildProcess> begin)
    {
        var (stdin, stdout, stderr) = (Pipe.None, Pipe.None, Pipe.None);
        try
        {
            stdin = withInput ? Pipe.Create() : Pipe.None;
            stdout = Pipe.Create();
            stderr = Pipe.Create();
            stdin.MakeWriteNonBlocking();
            stdout.MakeReadNonBlocking();
            stderr.MakeReadNonBlocking();
            var process = begin(start with { Input = stdin.Read, Output = stdout.Write, Error = stderr.Write });
            _ = LibC.close(stdin.Read);
            _ = LibC.close(stdout.Write);
            _ = LibC.close(stderr.Write);
            return new ExecConnection(wire, process, stdin.Write, stdout.Read, stderr.Read, tty: false);
        }
        catch
        {
            stdin.Close();
            stdout.Close();
            stderr.Close();
            throw;
        }
    }

    private async Task RunAsync(Response started)
    {
        var receiving = Task.CompletedTask;
        try
        {
            await _wire.WriteAsync(started, ProtocolJson.Default.Response, CancellationToken.None).ConfigureAwait(false);
            var typing = new ClientInput(_wire, _input, _tty);
            receiving = typing.ReceiveAsync(takesInput: true, typing.End);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // As if the client had closed.
        }

        var pumps = new List<Task> { Pump(_output, FrameType.Output) };
        if (_error >= 0)
        {
            pumps.Add(Pump(_error, FrameType.Error));
        }

        var exit = _process.Exit;
        // The client may go away before the command ends: the command must not stay behind.
        if (await Task.WhenAny(receiving, exit).ConfigureAwait(false) == receiving)
        {
            _process.Signal(LibC.SIGKILL);
        }

        var code = await exit.ConfigureAwait(false);
        await Task.WhenAll(pumps).ConfigureAwait(false);
        _input.Close();
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, code);
        try
        {
            await _wire.WriteFrameAsync(FrameType.Exit, bytes, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // Nobody is left to hear it.
        }
    }

    /// <summary>Carries output to the client until the command, and whoever inherited its output, has closed it, or the client has gone.</summary>
    private Task Pump(int descriptor, FrameType type) => Task.Factory.StartNew(
        () =>
        {
            var buffer = new byte[ChunkSize];
            while (Readiness.Await(descriptor, LibC.POLLIN, _wire.Descriptor) == Ready.Yes
                && Read(descriptor, buffer) is var count and not 0
                && (count < 0 || Send(type, buffer.AsMemory(0, count))))
            {
            }

            if (_tty)
            {
                // A terminal's keyboard and screen are one.
                _input.Close();
            }
            else
            {
                _ = LibC.close(descriptor);
            }
        },
        TaskCreationOptions.LongRunning);

    private bool Send(FrameType type, ReadOnlyMemory<byte> data)
    {
        try
        {
            _wire.WriteFrameAsync(type, data, CancellationToken.None).AsTask().GetAwaiter().GetResult();
            return true;
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            return false;
        }
    }

    /// <summary>How much was read; 0 at the end, -1 if there is nothing just now.</summary>
    private static unsafe int Read(int descriptor, byte[] buffer)
    {
        fixed (byte* pointer = buffer)
        {
            var read = LibC.read(descriptor, pointer, buffer.Length);
            return read >= 0 ? (int)read : Marshal.GetLastPInvokeError() is LibC.EINTR or LibC.EAGAIN ? -1 : 0;
        }
    }
}
