using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using Modular.RuntimeNative.Protocol;
using Modular.RuntimeNative.Supervisor.Native;

namespace Modular.RuntimeNative.Supervisor.Isolation;

/// <summary>How a process that is where it belongs gives up its rights and becomes the program.</summary>
internal static unsafe class ProgramSteps
{
    private const string PathVariable = "PATH=";
    private const int SetParentDeathSignal = 1;
    private const int DropFromBoundingSet = 24;
    private const int SetSeccomp = 22;
    private const int FilterMode = 2;
    private const int SetNoNewPrivileges = 38;
    private const int SetTerminal = 0x540E;
    private const int LastCapability = 40;
    private const uint CapabilityVersion = 0x20080522;
    private const int FirstFree = 3;

    // Nobody can give what he does not have: in a container or a virtual machine, root itself has not everything.
    private static readonly ulong OwnCapabilities = ReadOwnCapabilities();

    /// <param name="script">Gets the steps.</param>
    /// <param name="start">The program; its descriptors are this process's.</param>
    /// <param name="isolation">Its rights.</param>
    /// <param name="endsWithParent">Whether nothing else ends the program if this process ends.</param>
    public static void Add(SyscallScript script, ChildStart start, IsolationRecord isolation, bool endsWithParent)
    {
        script.Add("umask", SyscallNumber.FileModeMask, 0b000_010_010);
        script.Add("setsid", SyscallNumber.NewSession);
        Connect(script, start, isolation);
        script.Add("close all files", SyscallNumber.CloseRange, FirstFree, uint.MaxValue);
        if (isolation.OomScoreAdjustment != 0)
        {
            WriteOomScore(script, isolation.OomScoreAdjustment);
        }

        RootSteps.MakeDirectories(script, start.WorkingDirectory);
        script.Add($"chdir {start.WorkingDirectory}", SyscallNumber.ChangeDirectory, script.Text(start.WorkingDirectory));
        DropRights(script, isolation);
        if (endsWithParent)
        {
            script.Add("tie the process to the supervisor", SyscallNumber.ProcessControl, SetParentDeathSignal, LibC.SIGKILL);
        }

        script.ResetSignals();
        script.Execute(Candidates(start), start.Arguments, start.Environment);
    }

    private static void Connect(SyscallScript script, ChildStart start, IsolationRecord isolation)
    {
        for (var target = 0; target < FirstFree; target++)
        {
            var source = target switch { 0 => start.Input, 1 => start.Output, _ => start.Error };
            script.Add($"descriptor {target}", SyscallNumber.Duplicate, source, target);
            if (isolation.User != 0)
            {
                // Else the program could not open /dev/stdout, which is its own.
                script.Try(SyscallNumber.ChangeOwner, target, isolation.User, isolation.Group);
            }
        }

        if (start.Terminal >= 0)
        {
            script.Add("take the terminal", SyscallNumber.IoControl, 0, SetTerminal, 0);
        }
    }

    private static void WriteOomScore(SyscallScript script, int adjustment)
    {
        // All other files are closed: the kernel gives the lowest number that is free.
        var text = adjustment.ToString(CultureInfo.InvariantCulture);
        script.Try(SyscallNumber.Open, script.Text("/proc/self/oom_score_adj"), LibC.O_WRONLY);
        script.Try(SyscallNumber.Write, FirstFree, script.Text(text), text.Length);
        script.Try(SyscallNumber.Close, FirstFree);
    }

    /// <summary>Becomes the container's user and gives up what the container may not do.</summary>
    public static void DropRights(SyscallScript script, IsolationRecord isolation)
    {
        for (var capability = 0; capability <= LastCapability; capability++)
        {
            if ((isolation.Capabilities & (1UL << capability)) == 0)
            {
                // An older kernel has fewer.
                script.Try(SyscallNumber.ProcessControl, DropFromBoundingSet, capability);
            }
        }

        if (isolation.Seccomp)
        {
            // Before the rights are gone, since without them it would need no_new_privs.
            script.Add("seccomp", SyscallNumber.ProcessControl, SetSeccomp, FilterMode, Filter(script, isolation.Capabilities));
        }

        var groups = script.Allocate(Math.Max(1, isolation.Groups.Count) * sizeof(uint));
        for (var index = 0; index < isolation.Groups.Count; index++)
        {
            ((uint*)groups)[index] = isolation.Groups[index];
        }

        script.Add("setgroups", SyscallNumber.SetGroups, isolation.Groups.Count, (long)groups);
        script.Add("setresgid", SyscallNumber.SetGroup, isolation.Group, isolation.Group, isolation.Group);
        script.Add("setresuid", SyscallNumber.SetUser, isolation.User, isolation.User, isolation.User);
        script.Add("capset", SyscallNumber.SetCapabilities, Header(script), Sets(script, isolation.User == 0 ? isolation.Capabilities & OwnCapabilities : 0));
        if (isolation.NoNewPrivileges)
        {
            script.Add("no_new_privs", SyscallNumber.ProcessControl, SetNoNewPrivileges, 1);
        }
    }

    private static ulong ReadOwnCapabilities()
    {
        const string label = "CapPrm:";
        var line = File.ReadLines("/proc/self/status").First(line => line.StartsWith(label, StringComparison.Ordinal));
        return ulong.Parse(line.AsSpan(label.Length).Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
    }

    private static long Filter(SyscallScript script, ulong capabilities)
    {
        var program = SeccompFilter.Build(capabilities);
        var instructions = script.Allocate(program.Length);
        program.CopyTo(new Span<byte>(instructions, program.Length));
        // struct sock_fprog: how many, and where.
        var header = script.Allocate(16);
        BinaryPrimitives.WriteUInt16LittleEndian(new Span<byte>(header, 2), (ushort)(program.Length / 8));
        Marshal.WriteIntPtr((nint)(header + 8), (nint)instructions);
        return (long)header;
    }

    private static long Header(SyscallScript script)
    {
        var header = (uint*)script.Allocate(8);
        header[0] = CapabilityVersion;
        return (long)header;
    }

    private static long Sets(SyscallScript script, ulong capabilities)
    {
        // Effective, permitted and inheritable: the lower halves first, then the upper ones.
        var sets = (uint*)script.Allocate(24);
        (sets[0], sets[1], sets[3], sets[4]) = ((uint)capabilities, (uint)capabilities, (uint)(capabilities >> 32), (uint)(capabilities >> 32));
        return (long)sets;
    }

    private static string[] Candidates(ChildStart start)
    {
        var program = start.Arguments[0];
        if (program.Contains('/'))
        {
            return [program];
        }

        var path = start.Environment.LastOrDefault(variable => variable.StartsWith(PathVariable, StringComparison.Ordinal));
        string[] candidates = [.. (path ?? PathVariable)[PathVariable.Length..]
            .Split(':', StringSplitOptions.RemoveEmptyEntries).Select(directory => Path.Combine(start.WorkingDirectory, directory, program))];
        return candidates.Length > 0 ? candidates : ["/nonexistent/" + program];
    }
}
