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
    private readonly PseudoTerminal? _terminal;
    private readonly Lock _inputLock = new();
    private int _input;

    private ExecConnection(Wire wire, ChildProcess process, PseudoTerminal? terminal, int input)
    {
        _wire = wire;
        _process = process;
        _terminal = terminal;
        _input = input;
    }

    public static async Task ServeAsync(Wire wire, Request request, ContainerTable table, EventLoop loop)
    {
        ExecConnection connection;
        int output;
        int error;
        try
        {
            connection = Start(wire, request, table, loop, out output, out error);
        }
        catch (Exception exception) when (exception is RequestException or ChildStartException or IOException)
        {
            var reason = (exception as RequestException)?.Reason ?? "ExecFailed";
            var refused = new Response { Id = request.Id, Error = new ErrorRecord(reason, exception.Message) };
            await wire.WriteAsync(refused, ProtocolJson.Default.Response, CancellationToken.None).ConfigureAwait(false);
            return;
        }

        await wire.WriteAsync(new Response { Id = request.Id }, ProtocolJson.Default.Response, CancellationToken.None).ConfigureAwait(false);
        await connection.RunAsync(output, error).ConfigureAwait(false);
    }

    private static ExecConnection Start(Wire wire, Request request, ContainerTable table, EventLoop loop, out int output, out int error)
    {
        var command = request.Exec is { Command.Count: > 0 } exec ? exec : throw new RequestException("BadRequest", "there is no command");
        var launch = table.GetRunning(request.Target);
        var start = new ChildStart
        {
            Path = ExecutableSearch.Find(command.Command[0], launch.Environment, launch.WorkingDirectory),
            Arguments = command.Command,
            Environment = [.. launch.Environment, $"{ProcessSweep.Mark}={launch.Id}", .. command.Tty ? ["TERM=xterm"] : Array.Empty<string>()],
            WorkingDirectory = launch.WorkingDirectory,
        };
        if (command.Tty)
        {
            var terminal = PseudoTerminal.Open();
            try
            {
                var process = ChildProcess.Start(start with { Terminal = terminal.Path }, loop);
                (output, error) = (terminal.Master, -1);
                return new ExecConnection(wire, process, terminal, -1);
            }
            catch
            {
                _ = LibC.close(terminal.Master);
                throw;
            }
        }

        var stdin = command.Stdin ? Pipe.Create() : new Pipe(-1, -1);
        var stdout = Pipe.Create();
        var stderr = Pipe.Create();
        try
        {
            var process = ChildProcess.Start(start with { Input = stdin.Read, Output = stdout.Write, Error = stderr.Write }, loop);
            (output, error) = (stdout.Read, stderr.Read);
            return new ExecConnection(wire, process, null, stdin.Write);
        }
        catch
        {
            _ = LibC.close(stdin.Write);
            _ = LibC.close(stdout.Read);
            _ = LibC.close(stderr.Read);
            throw;
        }
        finally
        {
            _ = LibC.close(stdin.Read);
            _ = LibC.close(stdout.Write);
            _ = LibC.close(stderr.Write);
        }
    }

    private async Task RunAsync(int output, int error)
    {
        var pumps = new List<Task> { Pump(output, FrameType.Output) };
        if (error >= 0)
        {
            pumps.Add(Pump(error, FrameType.Error));
        }

        var receiving = ReceiveAsync();
        var exit = _process.Exit;
        // The client may go away before the command ends: the command must not stay behind.
        if (await Task.WhenAny(receiving, exit).ConfigureAwait(false) == receiving)
        {
            _process.Signal(LibC.SIGKILL);
        }

        var code = await exit.ConfigureAwait(false);
        await Task.WhenAll(pumps).ConfigureAwait(false);
        CloseInput();
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

    private async Task ReceiveAsync()
    {
        try
        {
            while (await _wire.ReadFrameAsync(CancellationToken.None).ConfigureAwait(false) is { } frame)
            {
                switch (frame.Type)
                {
                    case FrameType.Input:
                        var data = frame.Data;
                        await Task.Factory.StartNew(() => Write(data.Span), TaskCreationOptions.LongRunning).ConfigureAwait(false);
                        break;
                    case FrameType.EndOfInput when _terminal is null:
                        CloseInput();
                        break;
                    case FrameType.EndOfInput:
                        // Ctrl-D is how a terminal says it.
                        Write([4]);
                        break;
                    case FrameType.Resize:
                        _terminal?.Resize(
                            BinaryPrimitives.ReadUInt16BigEndian(frame.Data.Span), BinaryPrimitives.ReadUInt16BigEndian(frame.Data.Span[2..]));
                        break;
                    default:
                        break;
                }
            }
        }
        catch (Exception exception) when (exception is IOException or SocketException or ObjectDisposedException)
        {
            // As if the client had closed.
        }
    }

    private unsafe void Write(ReadOnlySpan<byte> data)
    {
        lock (_inputLock)
        {
            var descriptor = _terminal?.Master ?? _input;
            fixed (byte* pointer = data)
            {
                nint done = 0;
                while (descriptor >= 0 && done < data.Length)
                {
                    var written = LibC.write(descriptor, pointer + done, data.Length - done);
                    if (written < 0 && Marshal.GetLastPInvokeError() != LibC.EINTR)
                    {
                        return;
                    }

                    done += Math.Max(written, 0);
                }
            }
        }
    }

    private void CloseInput()
    {
        lock (_inputLock)
        {
            if (_input >= 0)
            {
                _ = LibC.close(_input);
                _input = -1;
            }
        }
    }

    private Task Pump(int descriptor, FrameType type) => Task.Factory.StartNew(
        () =>
        {
            var buffer = new byte[ChunkSize];
            var connected = true;
            while (Read(descriptor, buffer) is > 0 and var count)
            {
                // With nobody left to read it the output is dropped: the command is being killed.
                connected = connected && Send(type, buffer.AsMemory(0, count));
            }

            lock (_inputLock)
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

    private static unsafe int Read(int descriptor, byte[] buffer)
    {
        while (true)
        {
            fixed (byte* pointer = buffer)
            {
                var read = LibC.read(descriptor, pointer, buffer.Length);
                if (read >= 0 || Marshal.GetLastPInvokeError() != LibC.EINTR)
                {
                    return (int)read;
                }
            }
        }
    }
}
