using System.Diagnostics;
using System.Globalization;

namespace Modular.PluginProcess.Tests;

/// <summary>Signals to processes.</summary>
internal static class ProcessSignal
{
    public static void Send(int pid, string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", pid.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }
}
