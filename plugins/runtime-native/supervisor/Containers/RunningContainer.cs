using Modular.RuntimeNative.Protocol;
using Modular.RuntimeNative.Supervisor.Native;

namespace Modular.RuntimeNative.Supervisor.Containers;

/// <summary>A container's process and its streams.</summary>
internal sealed class RunningContainer
{
    private readonly ChildProcess _process;
    private readonly IContainment _containment;

    private RunningContainer(ContainerLaunch launch, IContainment containment, ChildProcess process, ContainerStreams streams)
    {
        Launch = launch;
        _containment = containment;
        _process = process;
        Streams = streams;
    }

    public ContainerLaunch Launch { get; }

    public ContainerStreams Streams { get; }

    public ProcessIdentity Identity => _process.Identity;

    /// <summary>Completes when the end, exit code included, is on disk.</summary>
    public TaskCompletionSource Finished { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <exception cref="ChildStartException">It can't be started.</exception>
    public static async Task<RunningContainer> StartAsync(
        ContainerLaunch launch, SandboxRecord sandbox, IContainment containment, EventLoop loop, TimeProvider time)
    {
        var streams = new ContainerStreams(launch, containment, time);
        ChildProcess process;
        try
        {
            process = await containment.StartAsync(
                launch,
                sandbox,
                streams.Connect(new ChildStart
                {
                    Arguments = launch.Arguments,
                    Environment = ProgramEnvironment.Of(launch, launch.Tty),
                    WorkingDirectory = launch.WorkingDirectory,
                })).ConfigureAwait(false);
        }
        catch
        {
            streams.Dispose();
            throw;
        }

        streams.Start(loop);
        return new RunningContainer(launch, containment, process, streams);
    }

    public void Signal(int signal) => _process.Signal(signal);

    public PseudoTerminal OpenTerminal() => _containment.OpenTerminal(_process);

    public ChildProcess Execute(ChildStart start) => _containment.Execute(Launch, _process, start);

    /// <summary>Waits for the end, ends what the container left behind, and answers the exit code once all output is in the log.</summary>
    public async Task<(int ExitCode, bool OutOfMemory)> WaitAsync()
    {
        var code = await _process.Exit.ConfigureAwait(false);
        var outOfMemory = _containment.End(Launch, Identity);
        await Streams.DrainAsync().ConfigureAwait(false);
        Streams.Audience.End(code);
        if (Streams.Lost > 0)
        {
            SupervisorLog.Write($"container {Launch.Id} lost {Streams.Lost} bytes of output: its log could not be written");
        }

        return (code, outOfMemory);
    }
}
