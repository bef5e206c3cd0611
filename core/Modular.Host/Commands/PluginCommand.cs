using System.CommandLine;
using Modular.Host.Processes;
using Modular.PluginLoader;
using Modular.PluginProcess;
using Modular.PluginProcess.Child;

namespace Modular.Host.Commands;

/// <summary><c>modular plugin DIRECTORY</c>: what a host starts plugins with that have a process of their own; not for people.</summary>
internal static class PluginCommand
{
    public static Command Create()
    {
        var folder = new Argument<string>("directory");
        var command = new Command("plugin", "Run a plugin in this process") { folder };
        command.Hidden = true;
        command.SetAction((result, cancellationToken) => RunAsync(result.GetRequiredValue(folder), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(string directory, CancellationToken cancellationToken)
    {
        try
        {
            await PluginServer.RunAsync(directory, KubeconfigApi.Open, cancellationToken);
            return 0;
        }
        catch (Exception e) when (e is PluginProcessException or PluginManifestException or PluginLoadException)
        {
            throw new CommandException(e.Message);
        }
    }
}
