using Modular.RuntimeNative.Supervisor.Native;

namespace Modular.RuntimeNative.Supervisor;

/// <summary>Cuts every tie to the process that started this one, so that its end, or its terminal's, is not felt here.</summary>
internal static class Detachment
{
    public static void Detach(string logPath)
    {
        _ = LibC.setsid();
        Environment.CurrentDirectory = "/";
        Replace(0, "/dev/null", LibC.O_RDONLY);
        Replace(2, logPath, LibC.O_WRONLY | LibC.O_CREAT | LibC.O_APPEND);
    }

    /// <summary>Tells the starter, who reads stdout to its end, one word, and lets go of it.</summary>
    public static void Announce(string word)
    {
        using (var output = new FileStream(new Microsoft.Win32.SafeHandles.SafeFileHandle(1, ownsHandle: false), FileAccess.Write, bufferSize: 0))
        {
            output.Write(System.Text.Encoding.ASCII.GetBytes(word + "\n"));
        }

        Replace(1, "/dev/null", LibC.O_WRONLY);
    }

    private static void Replace(int descriptor, string path, int flags)
    {
        const int ownerOnly = 0x180;
        var opened = LibC.open(path, flags | LibC.O_CLOEXEC, ownerOnly);
        if (opened < 0 || LibC.dup2(opened, descriptor) < 0)
        {
            throw LibC.Failure(path);
        }

        _ = LibC.close(opened);
    }
}
