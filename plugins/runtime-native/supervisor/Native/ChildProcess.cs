using System.Runtime.InteropServices;
using System.Text;
using Modular.RuntimeNative.Protocol;

namespace Modular.RuntimeNative.Supervisor.Native;

/// <summary>What to start.</summary>
internal sealed record ChildStart
{
    /// <summary>An absolute path, or one relative to the working directory; empty while nobody has looked for the program.</summary>
    public string Path { get; init; } = "";

    public required IReadOnlyList<string> Arguments { get; init; }

    public required IReadOnlyList<string> Environment { get; init; }

    public required string WorkingDirectory { get; init; }

    /// <summary>The descriptors that become 0, 1 and 2; -1 for /dev/null.</summary>
    public int Input { get; init; } = -1;

    public int Output { get; init; } = -1;

    public int Error { get; init; } = -1;

    /// <summary>The descriptor of the terminal that becomes 0, 1 and 2 and the session's controlling terminal; -1 for none.</summary>
    public int Terminal { get; init; } = -1;

    /// <summary>The file system that the terminal is in, if it is mounted nowhere yet; -1 if it is.</summary>
    public int Terminals { get; init; } = -1;
}

/// <summary>
/// A child in a session and process group of its own. It stays a zombie, and so its pid its own, until its end was seen here.
/// </summary>
internal sealed unsafe class ChildProcess : IEventSource
{
    private const short SetSignalDefaults = 0x04;
    private const short SetSignalMask = 0x08;
    private const short SetSession = 0x80;
    private const int PidfdOpenNumber = 434;

    private readonly Lock _signalling = new();
    private readonly TaskCompletionSource<int> _exit = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _reaped;

    private readonly bool _leadsGroup;

    private ChildProcess(ProcessIdentity identity, bool leadsGroup)
    {
        Identity = identity;
        _leadsGroup = leadsGroup;
    }

    public ProcessIdentity Identity { get; }

    /// <summary>The exit code, or 128 and the signal's number.</summary>
    public Task<int> Exit => _exit.Task;

    /// <summary>Starts a child. Nothing is forked: the C library's spawn shares the memory until exec.</summary>
    /// <exception cref="ChildStartException">It can't be started.</exception>
    public static ChildProcess Start(ChildStart start, EventLoop loop)
    {
        var actions = stackalloc byte[256];
        var attributes = stackalloc byte[512];
        var signals = stackalloc byte[128];
        _ = LibC.posix_spawn_file_actions_init(actions);
        _ = LibC.posix_spawnattr_init(attributes);
        using var arguments = new NativeStrings(start.Arguments);
        using var environment = new NativeStrings(start.Environment);
        using var path = new NativeStrings([start.Path]);
        try
        {
            // The runtime ignores and handles signals that a program expects in their default state.
            _ = LibC.sigemptyset(signals);
            _ = LibC.posix_spawnattr_setsigmask(attributes, signals);
            _ = LibC.sigfillset(signals);
            _ = LibC.posix_spawnattr_setsigdefault(attributes, signals);
            _ = LibC.posix_spawnattr_setflags(attributes, SetSignalDefaults | SetSignalMask | SetSession);
            Connect(actions, start);
            _ = LibC.posix_spawn_file_actions_addchdir_np(actions, start.WorkingDirectory);
            int pid;
            var error = LibC.posix_spawn(&pid, path.Pointer[0], actions, attributes, arguments.Pointer, environment.Pointer);
            if (error != 0)
            {
                throw new ChildStartException(error, $"exec \"{start.Path}\": {Marshal.GetPInvokeErrorMessage(error)}");
            }

            var child = new ChildProcess(ProcessIdentity.Of(pid) ?? new ProcessIdentity(pid, 0), leadsGroup: true);
            var descriptor = (int)LibC.pidfd_open(PidfdOpenNumber, pid, 0);
            if (descriptor < 0)
            {
                var failure = LibC.Failure("pidfd_open");
                _ = LibC.kill(-pid, LibC.SIGKILL);
                var information = stackalloc int[32];
                _ = LibC.waitid(LibC.P_PID, pid, information, LibC.WEXITED);
                throw failure;
            }

            loop.Watch(descriptor, child);
            return child;
        }
        finally
        {
            _ = LibC.posix_spawn_file_actions_destroy(actions);
            _ = LibC.posix_spawnattr_destroy(attributes);
        }
    }

    /// <summary>Takes over a child that was started in another way, and its descriptor.</summary>
    public static ChildProcess Adopt(int pidfd, EventLoop loop)
    {
        var pid = PidOf(pidfd);
        var child = new ChildProcess(ProcessIdentity.Of(pid) ?? new ProcessIdentity(pid, 0), leadsGroup: false);
        loop.Watch(pidfd, child);
        return child;
    }

    /// <summary>Signals the whole group, or the process alone if it was adopted. False if the child has ended.</summary>
    public bool Signal(int signal)
    {
        lock (_signalling)
        {
            return !_reaped && LibC.kill(_leadsGroup ? -Identity.Pid : Identity.Pid, signal) == 0;
        }
    }

    /// <summary>A new descriptor of the child; -1 if it has ended.</summary>
    public int OpenDescriptor()
    {
        lock (_signalling)
        {
            return _reaped ? -1 : (int)LibC.pidfd_open(PidfdOpenNumber, Identity.Pid, 0);
        }
    }

    bool IEventSource.OnReadable(int descriptor, Span<byte> scratch)
    {
        // siginfo_t: signo, errno, code, padding, pid, uid, status.
        var information = stackalloc int[32];
        lock (_signalling)
        {
            if (LibC.waitid(LibC.P_PIDFD, descriptor, information, LibC.WEXITED) != 0)
            {
                if (Marshal.GetLastPInvokeError() == LibC.EINTR)
                {
                    return true;
                }

                _reaped = true;
                _exit.TrySetException(LibC.Failure("waitid"));
                return false;
            }

            _reaped = true;
        }

        var code = information[2];
        var status = information[6];
        _exit.TrySetResult(code == LibC.CLD_EXITED ? status : 128 + status);
        return false;
    }

    void IEventSource.OnClosed()
    {
    }

    private static int PidOf(int pidfd)
    {
        const string label = "Pid:";
        var line = File.ReadLines($"/proc/self/fdinfo/{pidfd}").First(line => line.StartsWith(label, StringComparison.Ordinal));
        return int.Parse(line.AsSpan(label.Length), System.Globalization.CultureInfo.InvariantCulture);
    }

    private static void Connect(byte* actions, ChildStart start)
    {
        if (start.Terminal >= 0)
        {
            // The first terminal that the leader of a session opens becomes the session's own.
            _ = LibC.posix_spawn_file_actions_addopen(actions, 0, $"/proc/self/fd/{start.Terminal}", LibC.O_RDWR, 0);
            _ = LibC.posix_spawn_file_actions_adddup2(actions, 0, 1);
            _ = LibC.posix_spawn_file_actions_adddup2(actions, 0, 2);
            return;
        }

        Connect(actions, start.Input, 0, LibC.O_RDONLY);
        Connect(actions, start.Output, 1, LibC.O_WRONLY);
        Connect(actions, start.Error, 2, LibC.O_WRONLY);
    }

    private static void Connect(byte* actions, int from, int to, int flags)
    {
        if (from < 0)
        {
            _ = LibC.posix_spawn_file_actions_addopen(actions, to, "/dev/null", flags, 0);
        }
        else
        {
            _ = LibC.posix_spawn_file_actions_adddup2(actions, from, to);
        }
    }

    /// <summary>A null-terminated array of C strings.</summary>
    private sealed class NativeStrings : IDisposable
    {
        private readonly int _count;

        public NativeStrings(IReadOnlyList<string> values)
        {
            _count = values.Count;
            Pointer = (byte**)NativeMemory.AllocZeroed((nuint)(_count + 1), (nuint)sizeof(byte*));
            for (var index = 0; index < _count; index++)
            {
                var bytes = Encoding.UTF8.GetByteCount(values[index]);
                Pointer[index] = (byte*)NativeMemory.AllocZeroed((nuint)bytes + 1);
                Encoding.UTF8.GetBytes(values[index], new Span<byte>(Pointer[index], bytes));
            }
        }

        public byte** Pointer { get; }

        public void Dispose()
        {
            for (var index = 0; index < _count; index++)
            {
                NativeMemory.Free(Pointer[index]);
            }

            NativeMemory.Free(Pointer);
        }
    }
}

/// <summary>A program that can't be started.</summary>
internal sealed class ChildStartException(int error, string message) : Exception(message)
{
    private const int NoSuchFile = 2;

    /// <summary>What a shell would answer: 127 if there is no such program, 126 if it can't be run.</summary>
    public int ExitCode { get; } = error == NoSuchFile ? 127 : 126;
}
