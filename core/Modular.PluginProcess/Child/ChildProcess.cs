using System.Runtime.InteropServices;

namespace Modular.PluginProcess.Child;

/// <summary>This process, as the child of a host.</summary>
internal static partial class ChildProcess
{
    /// <summary>Ends it without asking anybody: what runs in it may hang.</summary>
    public static void EndAtOnce() => Exit(1);

    /// <summary>Calls back when the host has ended the input, or is gone.</summary>
    public static void WhenInputEnds(Action ended)
    {
        var thread = new Thread(() =>
        {
            using var input = Console.OpenStandardInput();
            Span<byte> ignored = stackalloc byte[64];
            while (input.Read(ignored) > 0)
            {
                // Nothing is said this way.
            }

            ended();
        })
        {
            IsBackground = true,
            Name = "parent",
        };
        thread.Start();
    }

    [LibraryImport("libc", EntryPoint = "_exit")]
    private static partial void Exit(int code);
}
