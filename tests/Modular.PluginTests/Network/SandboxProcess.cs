using System.Diagnostics;

namespace Modular.PluginTests;

/// <summary>A process with a network namespace of its own, which ends with it.</summary>
internal sealed class SandboxProcess : IDisposable
{
    private readonly Process _process;

    private SandboxProcess(Process process) => _process = process;

    /// <summary>The path of the namespace.</summary>
    public string NetworkNamespace => $"/proc/{_process.Id}/ns/net";

    public static async Task<SandboxProcess> StartAsync(CancellationToken cancellationToken)
    {
        // A line says that the namespace is there; the process goes on under the same id.
        var start = new ProcessStartInfo("unshare", ["--net", "sh", "-c", "echo; exec sleep infinity"]) { RedirectStandardOutput = true };
        var sandbox = new SandboxProcess(Process.Start(start)!);
        Assert.NotNull(await sandbox._process.StandardOutput.ReadLineAsync(cancellationToken));
        return sandbox;
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }
}
