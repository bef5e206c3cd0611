using System.Runtime.InteropServices;
using System.Text;
using Modular.RuntimeNative.Supervisor.Native;

namespace Modular.RuntimeNative.Supervisor.Isolation;

/// <summary>
/// A list of system calls that this process and the children it makes on the way carry out: what is added after a fork is the child's to do.
/// </summary>
internal sealed unsafe class SyscallScript : IDisposable
{
    private const int Capacity = 2048;
    private const int PosixSpawnSignals = 64;
    private const int SetMask = 2;
    private const ulong ShareMemory = 0x100;
    private const ulong ShareFiles = 0x400;
    private const ulong WaitForExecute = 0x4000;
    private const ulong SiblingOfParent = 0x8000;
    private const ulong WantPidfd = 0x1000;
    private const ulong ChildSignal = 17;

    private readonly List<nint> _memory = [];
    private readonly List<(int Step, string What)> _names = [];
    private readonly List<int> _tolerated = [];
    private readonly List<int> _forks = [];
    private readonly List<int> _executions = [];
    private readonly ScriptStep* _steps;
    private readonly int* _pidfd;
    private int _count;

    public SyscallScript()
    {
        _steps = (ScriptStep*)Allocate(Capacity * sizeof(ScriptStep));
        _pidfd = (int*)Allocate(sizeof(int));
        *_pidfd = -1;
        // 0 and 1 are how children end, 2 and 3 how the script does; a handler of .NET's must not run in a child that has our memory.
        var everything = Allocate(sizeof(ulong));
        *(ulong*)everything = ulong.MaxValue;
        var before = Allocate(sizeof(ulong));
        Append(SyscallNumber.ExitGroup, 0);
        Append(SyscallNumber.ExitGroup, 1);
        Append(SyscallNumber.SignalMask, SetMask, (long)before, 0, sizeof(ulong));
        Append(-1);
        Append(SyscallNumber.SignalMask, SetMask, (long)everything, (long)before, sizeof(ulong));
    }

    /// <summary>Bytes that stay where they are for as long as the script.</summary>
    public byte* Allocate(int size)
    {
        var pointer = NativeMemory.AllocZeroed((nuint)size);
        _memory.Add((nint)pointer);
        return (byte*)pointer;
    }

    public long Text(string text)
    {
        var length = Encoding.UTF8.GetByteCount(text);
        var pointer = Allocate(length + 1);
        Encoding.UTF8.GetBytes(text, new Span<byte>(pointer, length));
        return (long)pointer;
    }

    /// <summary>A null-terminated array of strings.</summary>
    public long Texts(IReadOnlyList<string> texts)
    {
        var pointer = (long*)Allocate((texts.Count + 1) * sizeof(long));
        for (var index = 0; index < texts.Count; index++)
        {
            pointer[index] = Text(texts[index]);
        }

        return (long)pointer;
    }

    /// <summary>A call that must succeed.</summary>
    public void Add(string what, int number, long a0 = 0, long a1 = 0, long a2 = 0, long a3 = 0, long a4 = 0, long a5 = 0)
    {
        _names.Add((_count, what));
        Append(number, a0, a1, a2, a3, a4, a5);
    }

    /// <summary>A call that may fail: what it wants may be so already, or not be there.</summary>
    public void Try(int number, long a0 = 0, long a1 = 0, long a2 = 0, long a3 = 0, long a4 = 0, long a5 = 0)
    {
        _tolerated.Add(_count);
        Append(number, a0, a1, a2, a3, a4, a5);
    }

    /// <summary>
    /// Makes a process that does the rest of the list, and ends. It shares the open files with its parent, so that what it opens is here too,
    /// and is a child of this process's like every other.
    /// </summary>
    public void ForkHelper() => Fork("clone a helper", ShareFiles);

    /// <summary>Makes the process that will be the program, with its own open files and the given new namespaces.</summary>
    public void ForkProgram(ulong namespaces) => Fork("clone the container's process", namespaces | WantPidfd);

    /// <summary>Sets all signals to what a program expects.</summary>
    public void ResetSignals()
    {
        var defaults = (long)Allocate(32);
        for (var signal = 1; signal <= PosixSpawnSignals; signal++)
        {
            Try(SyscallNumber.SignalAction, signal, defaults, 0, sizeof(ulong));
        }

        Add("unblock signals", SyscallNumber.SignalMask, SetMask, (long)Allocate(sizeof(ulong)), 0, sizeof(ulong));
    }

    /// <summary>Ignores a signal, which a program's start does not change.</summary>
    public void IgnoreSignal(int signal)
    {
        var action = (long*)Allocate(32);
        action[0] = 1;
        Add("ignore a signal", SyscallNumber.SignalAction, signal, (long)action, 0, sizeof(ulong));
    }

    /// <summary>Turns the process into the first of the programs that can be started.</summary>
    public void Execute(IReadOnlyList<string> candidates, IReadOnlyList<string> arguments, IReadOnlyList<string> environment)
    {
        var (argumentTexts, environmentTexts) = (Texts(arguments), Texts(environment));
        foreach (var candidate in candidates)
        {
            _executions.Add(_count);
            Append(SyscallNumber.Execute, Text(candidate), argumentTexts, environmentTexts);
        }
    }

    /// <summary>Runs the list; returns once the last child runs its program. The descriptor is the caller's to close.</summary>
    /// <exception cref="ChildStartException">A call failed; nothing is left running.</exception>
    public int Run(string program)
    {
        Append(SyscallNumber.ExitGroup, 1);
        Link();
        ScriptRunner.Run(_steps + 4);
        Reap();
        if (Failure(program) is { } failure)
        {
            if (*_pidfd >= 0)
            {
                var information = stackalloc int[32];
                _ = LibC.waitid(LibC.P_PIDFD, *_pidfd, information, LibC.WEXITED);
                _ = LibC.close(*_pidfd);
            }

            throw failure;
        }

        return *_pidfd;
    }

    public void Dispose()
    {
        foreach (var pointer in _memory)
        {
            NativeMemory.Free((void*)pointer);
        }
    }

    private void Fork(string what, ulong flags)
    {
        // struct clone_args: flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls, set_tid, set_tid_size, cgroup.
        const int size = 88;
        var arguments = (ulong*)Allocate(size);
        arguments[0] = flags | ShareMemory | WaitForExecute | (_forks.Count > 0 ? SiblingOfParent : 0);
        arguments[1] = (flags & WantPidfd) != 0 ? (ulong)_pidfd : 0;
        // A sibling gets its signal from the one it is a sibling of.
        arguments[4] = _forks.Count > 0 ? 0 : ChildSignal;
        _forks.Add(_count);
        Add(what, SyscallNumber.Clone3, (long)arguments, size);
    }

    private void Append(long number, long a0 = 0, long a1 = 0, long a2 = 0, long a3 = 0, long a4 = 0, long a5 = 0)
    {
        if (_count == Capacity)
        {
            throw new RequestTooLongException();
        }

        _steps[_count++] = new ScriptStep
        {
            Number = number,
            Argument0 = a0,
            Argument1 = a1,
            Argument2 = a2,
            Argument3 = a3,
            Argument4 = a4,
            Argument5 = a5,
        };
    }

    private void Link()
    {
        for (var index = 0; index < _count; index++)
        {
            ref var step = ref _steps[index];
            step.AfterZero = step.AfterPositive = _steps + index + 1;
            step.AfterError = _steps + 1;
        }

        // How the parent of the first fork goes on: by giving its signals back.
        _steps[2].AfterZero = _steps[2].AfterPositive = _steps[2].AfterError = _steps + 3;
        foreach (var index in _tolerated.Concat(_executions))
        {
            _steps[index].AfterError = _steps + index + 1;
        }

        foreach (var index in _forks)
        {
            _steps[index].AfterPositive = index == _forks[0] ? _steps + 2 : _steps;
        }

        // Before the first fork the steps are this process's own, which must not end.
        for (var index = 4; index <= _forks[0]; index++)
        {
            _steps[index].AfterError = _steps + 2;
        }
    }

    private void Reap()
    {
        var information = stackalloc int[32];
        // The last child is the program.
        foreach (var index in _forks.SkipLast(1))
        {
            if (_steps[index].Result > 0)
            {
                _ = LibC.waitid(LibC.P_PID, (int)_steps[index].Result, information, LibC.WEXITED | LibC.WALL);
            }
        }
    }

    private ChildStartException? Failure(string program)
    {
        foreach (var (index, what) in _names)
        {
            if (_steps[index].Result < 0)
            {
                return new ChildStartException(0, $"{what}: {Marshal.GetPInvokeErrorMessage((int)-_steps[index].Result)}");
            }
        }

        // The one that was started has left no result behind.
        var failed = _executions.Where(index => _steps[index].Result < 0).ToArray();
        if (failed.Length < _executions.Count)
        {
            return null;
        }

        const int notPermitted = -13;
        var result = failed.Any(index => _steps[index].Result == notPermitted) ? notPermitted : _steps[failed[^1]].Result;
        return new ChildStartException((int)-result, $"exec \"{program}\": {Marshal.GetPInvokeErrorMessage((int)-result)}");
    }
}

/// <summary>More steps than a container can sensibly need.</summary>
internal sealed class RequestTooLongException() : IOException("the container has too many mounts");
