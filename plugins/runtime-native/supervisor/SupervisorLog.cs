namespace Modular.RuntimeNative.Supervisor;

/// <summary>One line an event on stderr, which is the supervisor's log file.</summary>
internal static class SupervisorLog
{
    public static void Write(string message)
    {
        using var error = new FileStream(new Microsoft.Win32.SafeHandles.SafeFileHandle(2, ownsHandle: false), FileAccess.Write, bufferSize: 0);
        var line = $"{DateTimeOffset.UtcNow:yyyy-MM-ddTHH:mm:ss.fffZ} {message}\n";
        error.Write(System.Text.Encoding.UTF8.GetBytes(line));
    }
}
