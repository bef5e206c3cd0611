using Modular.RuntimeNative.Protocol;
using Modular.RuntimeNative.Supervisor.Logs;
using Modular.RuntimeNative.Supervisor.Native;

namespace Modular.RuntimeNative.Supervisor.Containers;

/// <summary>What a container's program reads and writes: a terminal or pipes, the log, and those who are attached.</summary>
internal sealed class ContainerStreams : IDisposable
{
    // A process that left the session and dropped the mark may hold a pipe for ever; what it writes later is nobody's.
    private static readonly TimeSpan DrainLimit = TimeSpan.FromSeconds(2);

    private readonly ContainerLog _log;
    private readonly List<(OutputStream Stream, long Token)> _outputs = [];
    private readonly PseudoTerminal? _terminal;
    private readonly Pipe _input = Pipe.None;
    private readonly Pipe _output = Pipe.None;
    private readonly Pipe _error = Pipe.None;
    private EventLoop? _loop;

    /// <exception cref="IOException">The log can't be written, or there are no pipes or terminals left.</exception>
    public ContainerStreams(ContainerLaunch launch, IContainment containment, TimeProvider time)
    {
        _log = new ContainerLog(new LogRotation(launch.LogPath, launch.LogMaxSize, launch.LogMaxFiles), streams: launch.Tty ? 1 : 2, time);
        try
        {
            if (launch.Tty)
            {
                _terminal = containment.OpenTerminal(launch);
                Input = new ProgramInput(_terminal.DuplicateMaster());
            }
            else
            {
                _input = launch.Stdin ? Pipe.Create() : Pipe.None;
                _input.MakeWriteNonBlocking();
                Input = new ProgramInput(_input.Write);
                _output = Pipe.Create();
                _error = Pipe.Create();
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The program's input, or the terminal's keyboard; closed if there is neither.</summary>
    public ProgramInput Input { get; } = new(-1);

    /// <summary>Who is attached.</summary>
    public OutputAudience Audience { get; } = new();

    /// <summary>How many bytes the log could not take.</summary>
    public long Lost => _log.Lost;

    /// <summary>The start of a program with these streams.</summary>
    public ChildStart Connect(ChildStart start) => _terminal is null
        ? start with { Input = _input.Read, Output = _output.Write, Error = _error.Write }
        : start with { Terminal = _terminal.Device, Terminals = _terminal.Mount };

    /// <summary>The program has its ends: from now on its output is carried.</summary>
    public void Start(EventLoop loop)
    {
        _loop = loop;
        if (_terminal is not null)
        {
            _terminal.CloseMount();
            Watch("stdout", FrameType.Output, _terminal.Master);
            return;
        }

        _input.CloseRead();
        _output.CloseWrite();
        _error.CloseWrite();
        _output.MakeReadNonBlocking();
        _error.MakeReadNonBlocking();
        Watch("stdout", FrameType.Output, _output.Read);
        Watch("stderr", FrameType.Error, _error.Read);
    }

    /// <summary>The program could not be started.</summary>
    public void Dispose()
    {
        Input.Close();
        _terminal?.Close();
        _input.CloseRead();
        _output.Close();
        _error.Close();
        _log.Dispose();
    }

    /// <summary>After the program's end: waits until all of its output is in the log.</summary>
    public async Task DrainAsync()
    {
        Input.Close();
        // Kept until now: without anybody at it a terminal hangs up, though the program may come back to it.
        _terminal?.CloseDevice();
        var drained = Task.WhenAll(_outputs.Select(output => output.Stream.Ended));
        if (await Task.WhenAny(drained, Task.Delay(DrainLimit)).ConfigureAwait(false) != drained)
        {
            foreach (var (_, token) in _outputs)
            {
                _loop!.Close(token);
            }
        }
    }

    private void Watch(string name, FrameType type, int descriptor)
    {
        var stream = new OutputStream(name, type, _log, Audience);
        _outputs.Add((stream, _loop!.Watch(descriptor, stream)));
    }
}
