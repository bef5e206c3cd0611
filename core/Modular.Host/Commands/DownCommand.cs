using System.CommandLine;
using Modular.Host.Cluster;
using Modular.Host.Output;
using Modular.PluginProcess;

namespace Modular.Host.Commands;

/// <summary><c>modular down</c>: ends the cluster, its containers included; what it stored stays.</summary>
internal static class DownCommand
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static Command Create()
    {
        var apiOnly = new Option<bool>("--api-only") { Description = "Stop the API server's process only, as for an upgrade: containers go on, and so do other host processes" };
        var command = new Command("down", "Stop the cluster and its containers; its data stays") { apiOnly };
        command.SetAction(async (result, cancellationToken) =>
        {
            var directory = ClientOptions.Directory(result);
            if (result.GetValue(apiOnly))
            {
                Console.WriteLine(await StopApiAsync(directory, cancellationToken)
                    ? "the API server is down; 'modular up' starts it again" : $"no API server runs in {directory.Root}");
                return 0;
            }

            Console.WriteLine(await StopAsync(directory, cancellationToken)
                ? "the cluster is down" : $"no cluster runs in {directory.Root}");
            return 0;
        });
        return command;
    }

    /// <summary>Stops the host first, so that nothing restarts what then ends with the helpers; false if nothing ran.</summary>
    internal static async Task<bool> StopAsync(ClusterDirectory directory, CancellationToken cancellationToken)
    {
        var ran = false;
        // The host ends first; it may have started a helper until then.
        while (ClusterProcesses.Find(directory) is [var (role, process), ..])
        {
            ran = true;
            await EndAsync(role, process, cancellationToken);
        }

        LeftMounts.Remove(directory.Root);
        await Leftovers.RemoveAsync(directory, PluginDirectories.Catalog(directory), cancellationToken);
        if (File.Exists(directory.ProcessFile))
        {
            File.Delete(directory.ProcessFile);
        }

        return ran;
    }

    private static async Task<bool> StopApiAsync(ClusterDirectory directory, CancellationToken cancellationToken)
    {
        if (ProcessRecord.Read(directory.ProcessFile) is not { IsAlive: true } process)
        {
            return false;
        }

        await EndAsync("host", process, cancellationToken);
        return true;
    }

    private static async Task EndAsync(string role, ProcessRecord process, CancellationToken cancellationToken)
    {
        await using var progress = Progress.Start($"stopping {role}");
        Signals.Send(process, Signals.Terminate);
        if (!await process.WaitForExitAsync(Patience, cancellationToken))
        {
            await Console.Error.WriteLineAsync($"{role} (pid {process.Pid}) did not end in {Patience.TotalSeconds} s and is killed");
            Signals.Send(process, Signals.Kill);
            await process.WaitForExitAsync(Patience, cancellationToken);
        }
    }
}
