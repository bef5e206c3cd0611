using Modular.RuntimeNative.Protocol;
using Modular.RuntimeNative.Supervisor.Logs;
using Modular.RuntimeNative.Supervisor.Native;

namespace Modular.RuntimeNative.Supervisor.Containers;

/// <summary>A container's process and the streams that carry its output into its log.</summary>
internal sealed class RunningContainer
{
    // A process that left the session and dropped the mark may hold a pipe for ever; what it writes later is nobody's.
    private static readonly TimeSpan DrainLimit = TimeSpan.FromSeconds(2);

    private readonly ChildProcess _process;
    private readonly EventLoop _loop;
    private readonly (OutputStream Stream, long Token)[] _outputs;
    private readonly ContainerLog _log;
    private readonly ContainerLaunch _launch;
    private readonly IContainment _containment;

    private RunningContainer(ContainerLaunch launch, IContainment containment, ChildProcess process, EventLoop loop, ContainerLog log, (OutputStream Stream, long Token)[] outputs)
    {
        _launch = launch;
        _containment = containment;
        _process = process;
        _loop = loop;
        _log = log;
        _outputs = outputs;
    }

    public ProcessIdentity Identity => _process.Identity;

    /// <summary>Completes when the end, exit code included, is on disk.</summary>
    public TaskCompletionSource Finished { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <exception cref="ChildStartException">It can't be started.</exception>
    public static async Task<RunningContainer> StartAsync(
        ContainerLaunch launch, SandboxRecord sandbox, IContainment containment, EventLoop loop, TimeProvider time)
    {
        var log = new ContainerLog(new LogRotation(launch.LogPath, launch.LogMaxSize, launch.LogMaxFiles), streams: 2, time);
        var (output, error) = (new Pipe(-1, -1), new Pipe(-1, -1));
        ChildProcess process;
        try
        {
            output = Pipe.Create();
            error = Pipe.Create();
            process = await containment.StartAsync(
                launch,
                sandbox,
                new ChildStart
                {
                    Arguments = launch.Arguments,
                    Environment = [.. launch.Environment, $"{ProcessSweep.Mark}={launch.Id}"],
                    WorkingDirectory = launch.WorkingDirectory,
                    Output = output.Write,
                    Error = error.Write,
                }).ConfigureAwait(false);
        }
        catch
        {
            output.Close();
            error.Close();
            log.Dispose();
            throw;
        }

        _ = LibC.close(output.Write);
        _ = LibC.close(error.Write);
        return new RunningContainer(launch, containment, process, loop, log, [Watch("stdout", output), Watch("stderr", error)]);

        (OutputStream, long) Watch(string name, Pipe pipe)
        {
            pipe.MakeReadNonBlocking();
            var stream = new OutputStream(name, log);
            return (stream, loop.Watch(pipe.Read, stream));
        }
    }

    public void Signal(int signal) => _process.Signal(signal);

    public PseudoTerminal OpenTerminal() => _containment.OpenTerminal(_process);

    public ChildProcess Execute(ChildStart start) => _containment.Execute(_launch, _process, start);

    /// <summary>Waits for the end, ends what the container left behind, and answers the exit code once all output is in the log.</summary>
    public async Task<(int ExitCode, bool OutOfMemory)> WaitAsync()
    {
        var code = await _process.Exit.ConfigureAwait(false);
        var outOfMemory = _containment.End(_launch, Identity);
        var drained = Task.WhenAll(_outputs[0].Stream.Ended, _outputs[1].Stream.Ended);
        if (await Task.WhenAny(drained, Task.Delay(DrainLimit)).ConfigureAwait(false) != drained)
        {
            foreach (var (_, token) in _outputs)
            {
                _loop.Close(token);
            }
        }

        if (_log.Lost > 0)
        {
            SupervisorLog.Write($"container {_launch.Id} lost {_log.Lost} bytes of output: its log could not be written");
        }

        return (code, outOfMemory);
    }
}
