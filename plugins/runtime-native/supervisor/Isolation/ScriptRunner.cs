using System.Runtime.InteropServices;
using Modular.RuntimeNative.Supervisor.Native;

namespace Modular.RuntimeNative.Supervisor.Isolation;

/// <summary>One system call of a script, as <see cref="ScriptRunner"/>'s machine code reads it: eleven words.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct ScriptStep
{
    /// <summary>The call's number; below zero ends the script.</summary>
    public long Number;

    public long Argument0;
    public long Argument1;
    public long Argument2;
    public long Argument3;
    public long Argument4;
    public long Argument5;

    /// <summary>What the kernel answered.</summary>
    public long Result;

    /// <summary>Where the script goes on after 0, after more than 0, and after an error.</summary>
    public ScriptStep* AfterZero;
    public ScriptStep* AfterPositive;
    public ScriptStep* AfterError;
}

/// <summary>
/// Runs a list of system calls without any other code between them, so that the list may hold clone: the child, which shares the memory
/// and of all threads has only its own, needs nothing of .NET or the C library. That is what posix_spawn does too, with a fixed list.
/// </summary>
internal static unsafe class ScriptRunner
{
    private const int ReadWrite = 3;
    private const int ReadExecute = 5;
    private const int PrivateAnonymous = 0x22;
    private const nuint PageSize = 4096;

    // Registers only: a vfork's child must leave the stack, which is its parent's, as it is.
    private static ReadOnlySpan<byte> Code =>
    [
        0x53,                   //           push rbx
        0x48, 0x89, 0xFB,       //           mov  rbx, rdi          the step
        0x48, 0x8B, 0x03,       // next:     mov  rax, [rbx]        its number
        0x48, 0x85, 0xC0,       //           test rax, rax
        0x78, 0x37,             //           js   done
        0x48, 0x8B, 0x7B, 0x08, //           mov  rdi, [rbx+8]      its arguments
        0x48, 0x8B, 0x73, 0x10, //           mov  rsi, [rbx+16]
        0x48, 0x8B, 0x53, 0x18, //           mov  rdx, [rbx+24]
        0x4C, 0x8B, 0x53, 0x20, //           mov  r10, [rbx+32]
        0x4C, 0x8B, 0x43, 0x28, //           mov  r8,  [rbx+40]
        0x4C, 0x8B, 0x4B, 0x30, //           mov  r9,  [rbx+48]
        0x0F, 0x05,             //           syscall
        0x48, 0x89, 0x43, 0x38, //           mov  [rbx+56], rax     its result
        0x48, 0x85, 0xC0,       //           test rax, rax
        0x78, 0x0E,             //           js   error
        0x75, 0x06,             //           jne  positive
        0x48, 0x8B, 0x5B, 0x40, //           mov  rbx, [rbx+64]
        0xEB, 0xCD,             //           jmp  next
        0x48, 0x8B, 0x5B, 0x48, // positive: mov  rbx, [rbx+72]
        0xEB, 0xC7,             //           jmp  next
        0x48, 0x8B, 0x5B, 0x50, // error:    mov  rbx, [rbx+80]
        0xEB, 0xC1,             //           jmp  next
        0x5B,                   // done:     pop  rbx
        0xC3,                   //           ret
    ];

    private static readonly delegate* unmanaged<ScriptStep*, void> Entry = Load();

    public static void Run(ScriptStep* first) => Entry(first);

    private static delegate* unmanaged<ScriptStep*, void> Load()
    {
        var page = LibC.mmap(null, PageSize, ReadWrite, PrivateAnonymous, -1, 0);
        if ((nint)page == -1)
        {
            throw LibC.Failure("mmap");
        }

        Code.CopyTo(new Span<byte>(page, (int)PageSize));
        return LibC.mprotect(page, PageSize, ReadExecute) == 0
            ? (delegate* unmanaged<ScriptStep*, void>)page
            : throw LibC.Failure("mprotect");
    }
}
