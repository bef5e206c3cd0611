using Modular.RuntimeNative.Protocol;
using Modular.RuntimeNative.Supervisor.Native;

namespace Modular.RuntimeNative.Supervisor.Isolation;

/// <summary>
/// A process namespace that all others are made in, with a first process that the kernel kills when this one ends, and with it everything
/// in the namespace. It is within reach of no container, and holds even for one that changes its user, which loses the signal.
/// </summary>
internal sealed class NamespaceKeeper : IDisposable
{
    private const ulong NewMount = 0x00020000;
    private const ulong NewProcesses = 0x20000000;
    private const int SetParentDeathSignal = 1;
    private const int ChildEnded = 17;
    private const uint Nobody = 65534;

    // Containers that share a namespace see its first process, and may have the right to look into it: there is nothing to be found.
    private static readonly IsolationRecord NoRights = new() { User = Nobody, Group = Nobody, NoNewPrivileges = true, Seccomp = true };

    private readonly string _stage;
    private readonly string _layers;
    private readonly LaunchThreads _launches;
    private readonly EventLoop _loop;
    private readonly ChildProcess _first;
    private readonly int _namespace;
    private readonly Dictionary<string, (ChildProcess Process, int Namespace)> _shared = new(StringComparer.Ordinal);

    /// <param name="stage">A directory to mount at.</param>
    /// <param name="layers">What is seen of the machine, as the options of an overlay take it.</param>
    /// <param name="launches">Starts the first processes.</param>
    /// <param name="loop">Waits for their ends.</param>
    public NamespaceKeeper(string stage, string layers, LaunchThreads launches, EventLoop loop)
    {
        _stage = stage;
        _layers = layers;
        _launches = launches;
        _loop = loop;
        (_first, _namespace) = Start(parent: -1);
    }

    /// <summary>A descriptor of the namespace.</summary>
    public int Namespace => _namespace;

    /// <summary>The namespace that the containers of a sandbox share; made if there is none.</summary>
    public int NamespaceOf(string sandboxId)
    {
        lock (_shared)
        {
            if (!_shared.TryGetValue(sandboxId, out var entry) || entry.Process.Exit.IsCompleted)
            {
                Release(sandboxId);
                _shared[sandboxId] = entry = Start(_namespace);
            }

            return entry.Namespace;
        }
    }

    public void Release(string sandboxId)
    {
        lock (_shared)
        {
            if (_shared.Remove(sandboxId, out var entry))
            {
                entry.Process.Signal(LibC.SIGKILL);
                _ = LibC.close(entry.Namespace);
            }
        }
    }

    public void Dispose()
    {
        _first.Signal(LibC.SIGKILL);
        _first.Exit.GetAwaiter().GetResult();
        _ = LibC.close(_namespace);
    }

    private (ChildProcess Process, int Namespace) Start(int parent)
    {
        // It does nothing, for ever: orphans of the namespace become its children, and those that end vanish by themselves, since it
        // ignores their signal.
        using var script = new SyscallScript();
        script.ForkHelper();
        if (parent >= 0)
        {
            script.Add("enter the keeper's namespace", SyscallNumber.JoinNamespace, parent);
            script.ForkHelper();
        }

        script.ForkProgram(NewProcesses | NewMount);
        RootSteps.AddBare(script, _stage, _layers);
        script.Add("setsid", SyscallNumber.NewSession);
        script.Add("close all files", SyscallNumber.CloseRange, 0, uint.MaxValue);
        ProgramSteps.DropRights(script, NoRights);
        script.Add("tie the process to the supervisor", SyscallNumber.ProcessControl, SetParentDeathSignal, LibC.SIGKILL);
        script.ResetSignals();
        script.IgnoreSignal(ChildEnded);
        script.Execute(["/bin/sleep"], ["sleep", "infinity"], []);
        var process = ChildProcess.Adopt(_launches.Run(script, "sleep"), _loop);
        var descriptor = LibC.open($"/proc/{process.Identity.Pid}/ns/pid", LibC.O_RDONLY | LibC.O_CLOEXEC, 0);
        return descriptor >= 0 ? (process, descriptor) : throw LibC.Failure("open a process namespace");
    }
}
