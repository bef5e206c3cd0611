using System.Buffers.Binary;

namespace Modular.RuntimeNative.Supervisor.Isolation;

/// <summary>
/// The program that the kernel runs before every system call of a container, for x86-64: what reaches beyond a container is refused, as
/// Docker's default profile does, and what the filter does not know is answered as an older kernel would.
/// </summary>
internal static class SeccompFilter
{
    private const ushort LoadWord = 0x20;
    private const ushort JumpIfEqual = 0x15;
    private const ushort JumpIfAtLeast = 0x35;
    private const ushort JumpIfAnyBit = 0x45;
    private const ushort Return = 0x06;
    private const uint Allow = 0x7FFF0000;
    private const uint NotPermitted = 0x00050001;
    private const uint NotImplemented = 0x00050026;
    private const uint NumberOffset = 0;
    private const uint ArchitectureOffset = 4;
    private const uint FirstArgumentOffset = 16;
    private const uint ThisArchitecture = 0xC000003E;

    // x32 programs mark their calls so. The last number is that of Linux 6.12.
    private const uint OtherInterface = 0x40000000;
    private const uint FirstUnknown = 467;
    private const uint CloneNumber = 56;
    private const uint Clone3Number = 435;
    private const uint NewNamespaces = 0x7E020000;
    private const uint SocketNumber = 41;
    private const uint VirtualMachineSockets = 40;
    private const uint CryptographySockets = 38;

    private const int SystemAdministration = 21;

    // What needs a capability that the container has is its own affair: the kernel looks at the capability.
    private static readonly (int Capability, int[] Calls)[] Refused =
    [
        (SystemAdministration,
        [
            155, 165, 166, 167, 168, 179, 212, 272, 298, 300, 304, 308, 321, 323, 425, 426, 427, 428, 429, 430, 431, 432, 433, 442, 443,
            // pivot_root, mount, umount2, swapon, swapoff, quotactl, lookup_dcookie, unshare, perf_event_open, fanotify_init,
            // open_by_handle_at, setns, bpf, userfaultfd, io_uring_*, open_tree, move_mount, fs*, mount_setattr, quotactl_fd
        ]),
        (16, [174, 175, 176, 313, 177, 178]), // SYS_MODULE: create, init, delete, finit, get_kernel_syms, query_module
        (17, [172, 173]), // SYS_RAWIO: iopl, ioperm
        (19, [101, 310, 311, 312, 438]), // SYS_PTRACE: ptrace, process_vm_readv, process_vm_writev, kcmp, pidfd_getfd
        (20, [163]), // SYS_PACCT: acct
        (22, [169, 246, 320]), // SYS_BOOT: reboot, kexec_load, kexec_file_load
        (23, [237, 238, 239, 256, 279, 450]), // SYS_NICE: the memory policies
        (25, [164, 227, 305]), // SYS_TIME: settimeofday, clock_settime, clock_adjtime
        (26, [153]), // SYS_TTY_CONFIG: vhangup
        (-1, [134, 136, 139, 156, 180, 248, 249, 250]), // uselib, ustat, sysfs, _sysctl, nfsservctl, add_key, request_key, keyctl
    ];

    /// <summary>The program, eight bytes an instruction.</summary>
    /// <param name="capabilities">What the container has, as bits.</param>
    public static byte[] Build(ulong capabilities)
    {
        var program = new Assembler();
        program.Add(LoadWord, ArchitectureOffset);
        program.Add(JumpIfEqual, ThisArchitecture, whenTrue: 1);
        program.Add(Return, NotPermitted);
        program.Add(LoadWord, NumberOffset);
        program.AnswerIf(JumpIfAtLeast, OtherInterface, NotPermitted);
        program.AnswerIf(JumpIfAtLeast, FirstUnknown, NotImplemented);
        foreach (var (capability, calls) in Refused)
        {
            if (capability >= 0 && (capabilities & (1UL << capability)) != 0)
            {
                continue;
            }

            foreach (var call in calls)
            {
                program.AnswerIf(JumpIfEqual, (uint)call, NotPermitted);
            }
        }

        if ((capabilities & (1UL << SystemAdministration)) == 0)
        {
            // clone3 has its flags in memory, where no filter can look: the C library goes on to clone.
            program.AnswerIf(JumpIfEqual, Clone3Number, NotImplemented);
            program.Add(JumpIfEqual, CloneNumber, whenFalse: 4);
            program.Add(LoadWord, FirstArgumentOffset);
            program.Add(JumpIfAnyBit, NewNamespaces, whenFalse: 1);
            program.Add(Return, NotPermitted);
            program.Add(Return, Allow);
        }

        program.Add(JumpIfEqual, SocketNumber, whenFalse: 5);
        program.Add(LoadWord, FirstArgumentOffset);
        program.AnswerIf(JumpIfEqual, VirtualMachineSockets, NotPermitted);
        program.AnswerIf(JumpIfEqual, CryptographySockets, NotPermitted);
        program.Add(Return, Allow);
        return program.ToArray();
    }

    private sealed class Assembler
    {
        private readonly List<byte> _bytes = [];

        public void Add(ushort code, uint value, byte whenTrue = 0, byte whenFalse = 0)
        {
            // struct sock_filter: code, two relative jumps, value.
            Span<byte> instruction = stackalloc byte[8];
            BinaryPrimitives.WriteUInt16LittleEndian(instruction, code);
            instruction[2] = whenTrue;
            instruction[3] = whenFalse;
            BinaryPrimitives.WriteUInt32LittleEndian(instruction[4..], value);
            _bytes.AddRange(instruction);
        }

        public void AnswerIf(ushort code, uint value, uint answer)
        {
            Add(code, value, whenFalse: 1);
            Add(Return, answer);
        }

        public byte[] ToArray() => [.. _bytes];
    }
}
