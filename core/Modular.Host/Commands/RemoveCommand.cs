using System.CommandLine;
using System.Text.Json.Nodes;
using Modular.Host.Cluster;
using Modular.Host.Plugins;

namespace Modular.Host.Commands;

/// <summary><c>modular plugins remove</c>: takes a plugin away that was installed.</summary>
internal static class RemoveCommand
{
    public static Command Create()
    {
        var plugin = new Argument<string>("plugin") { Description = "The plugin, such as scheduler-mine" };
        var version = new Argument<string>("version") { Description = "Its version, such as 0.1.0" };
        var command = new Command("remove", "Remove a version of a plugin that was installed") { plugin, version };
        command.SetAction(async (result, cancellationToken) =>
        {
            var (id, number) = (result.GetRequiredValue(plugin), result.GetRequiredValue(version));
            var directory = ClientOptions.Directory(result);
            if (ClusterProcesses.Find(directory).Any(process => process.Role == "host") && await FindUserAsync(result, id, number, cancellationToken) is { } user)
            {
                var name = user["metadata"]!["name"]!.GetValue<string>();
                throw new CommandException(user["spec"]!["trial"] is null
                    ? $"{id} {number} is used by {name}; 'modular plugins swap {name} PLUGIN' gives the role to another first"
                    : $"{id} {number} is tried as {name}; 'modular delete plugin {name}' ends the trial");
            }

            new PluginInstallation(directory).Remove(id, number);
            Console.WriteLine($"{id} {number} removed");
            return 0;
        });
        return command;
    }

    /// <summary>The role or candidate that runs a build, or that names it.</summary>
    private static async Task<JsonObject?> FindUserAsync(ParseResult result, string id, string version, CancellationToken cancellationToken)
    {
        using var api = ClientOptions.Connect(result);
        var list = await api.GetAsync(PluginsCommand.Path, cancellationToken);
        return list["items"]!.AsArray().Where(item => Names(item!["status"]) || Names(item["spec"])).Select(item => item!.AsObject()).FirstOrDefault();

        bool Names(JsonNode? part) => part?["plugin"]?.GetValue<string>() == id && part["version"]?.GetValue<string>() == version;
    }
}
