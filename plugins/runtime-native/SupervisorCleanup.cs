namespace Modular.Plugins.RuntimeNative;

/// <summary>Takes away what a supervisor left that was killed and has no successor: processes, cgroups, mounts.</summary>
internal static class SupervisorCleanup
{
    /// <exception cref="IOException">Something stays, and why.</exception>
    public static async ValueTask RunAsync(string dataDirectory, CancellationToken cancellationToken)
    {
        // One that ended in good order took everything along, its pid file too.
        if (await SupervisorCommand.ReadAsync(dataDirectory, cancellationToken).ConfigureAwait(false) is not { } command
            || !File.Exists(Path.Combine(command.StateDirectory, "supervisor.pid")))
        {
            return;
        }

        try
        {
            using var process = command.Start("clean");
            var word = await process.StandardOutput.ReadLineAsync(cancellationToken).ConfigureAwait(false);
            if (word != "clean")
            {
                throw new IOException($"what containers left on this machine stays; {Path.Combine(command.StateDirectory, "supervisor.log")} says why");
            }
        }
        catch (System.ComponentModel.Win32Exception exception)
        {
            throw new IOException($"what containers left on this machine stays: {command.Program} can't be started: {exception.Message}", exception);
        }
    }
}
