using System.Diagnostics;

namespace Modular.PluginVerifier;

/// <summary>A network namespace for plugins that change the machine's network; all they did goes with it.</summary>
internal static class ThrowAwayNetwork
{
    private const string Mark = "MODULAR_VERIFY_APART";

    /// <summary>Whether this process is in one.</summary>
    public static bool IsHere => Environment.GetEnvironmentVariable(Mark) == "1";

    /// <summary>Runs this program once more, in one.</summary>
    /// <returns>Its exit code.</returns>
    public static async Task<int> RunAsync()
    {
        var start = new ProcessStartInfo("unshare", ["--net", Environment.ProcessPath!]);
        start.Environment[Mark] = "1";
        using var process = Process.Start(start)!;
        await process.WaitForExitAsync();
        return process.ExitCode;
    }
}
