using System.CommandLine;
using Modular.Host.Companions;

namespace Modular.Host.Commands;

/// <summary><c>modular host NAME</c>: what a cluster starts its further host processes with; not for people.</summary>
internal static class HostCommand
{
    public static Command Create()
    {
        var name = new Argument<string>("name");
        var command = new Command("host", "Run the plugins of a further host process") { name };
        command.Hidden = true;
        command.SetAction((result, cancellationToken) => CompanionHost.RunAsync(ClientOptions.Directory(result), result.GetRequiredValue(name), cancellationToken));
        return command;
    }
}
