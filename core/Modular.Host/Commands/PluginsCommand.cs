using System.CommandLine;
using System.Text.Json.Nodes;
using Modular.Host.Client;
using Modular.Host.Output;
using Modular.Kernel.Plugins;

namespace Modular.Host.Commands;

/// <summary><c>modular plugins</c>: the parts this cluster is made of, how they hang together, and the exchange of one.</summary>
internal static class PluginsCommand
{
    internal const string Path = "/apis/modular.dev/v1alpha1/plugins";

    public static Command Create() => new("plugins", "Show, install and exchange the plugins of the cluster")
    {
        List(), Describe(), Graph(), Swap(), Rollback(), TryCommand.Create(), ReportCommand.Create(), PromoteCommand.Create(), Enable(true), Enable(false), InstallCommand.Create(), RemoveCommand.Create(), AvailableCommand.Create(), SdkCommand.Create(), VerifyCommand.Create(),
    };

    /// <summary>The object of a role or candidate.</summary>
    /// <exception cref="CommandException">There is none.</exception>
    internal static async Task<JsonObject> GetAsync(ApiConnection api, string role, CancellationToken cancellationToken)
    {
        try
        {
            return await api.GetAsync($"{Path}/{Uri.EscapeDataString(role)}", cancellationToken);
        }
        catch (ApiFailure missing) when (missing.Reason == "NotFound")
        {
            throw new CommandException($"there is no role or candidate {role}; 'modular plugins ls' lists them");
        }
    }

    private static Command List()
    {
        var command = new Command("ls", "List the plugins with version, role and state");
        command.SetAction(async (result, cancellationToken) =>
        {
            using var api = ClientOptions.Connect(result);
            var table = await api.SendAsync(
                HttpMethod.Get, Path, null, "", cancellationToken, "application/json;as=Table;v=v1;g=meta.k8s.io");
            new TablePrinter(Console.Out, wide: true, withNamespace: false).Print(table);
            return 0;
        });
        return command;
    }

    private static Command Describe()
    {
        var name = RoleArgument();
        var command = new Command("describe", "Show one plugin with its conditions") { name };
        command.SetAction(async (result, cancellationToken) =>
        {
            using var api = ClientOptions.Connect(result);
            var plugin = await GetAsync(api, result.GetRequiredValue(name), cancellationToken);
            plugin["metadata"]!.AsObject().Remove("managedFields");
            Console.Write(YamlText.Write(plugin));
            foreach (var line in ContainmentNote.Of(plugin))
            {
                Console.WriteLine(line);
            }

            return 0;
        });
        return command;
    }

    private static Command Graph()
    {
        var command = new Command("graph", "Show which plugin provides and requires which contract");
        command.SetAction(async (result, cancellationToken) =>
        {
            using var api = ClientOptions.Connect(result);
            var list = await api.GetAsync(Path, cancellationToken);
            var plugins = list["items"]!.AsArray().Select(item => item!.AsObject()).ToList();
            foreach (var plugin in plugins)
            {
                Console.WriteLine($"{plugin["metadata"]!["name"]} ({plugin["status"]?["plugin"] ?? plugin["spec"]!["plugin"]} {plugin["status"]?["version"]})");
                foreach (var provided in Contracts(plugin, "provides"))
                {
                    Console.WriteLine($"  provides {provided}");
                }

                foreach (var required in Contracts(plugin, "requires"))
                {
                    var providers = plugins.Where(p => Contracts(p, "provides").Contains(required) && p["spec"]!["trial"] is null).Select(p => p["metadata"]!["name"]!.ToString()).ToList();
                    Console.WriteLine($"  requires {required} <- {(providers.Count == 0 ? "nobody" : string.Join(", ", providers))}");
                }
            }

            return 0;
        });
        return command;
    }

    private static IReadOnlyList<string> Contracts(JsonObject plugin, string member) =>
        plugin["status"]?[member] is JsonArray contracts
            ? [.. contracts.Select(c => c is JsonObject o ? o["contract"]!.GetValue<string>() : c!.GetValue<string>())]
            : [];

    private static Command Swap()
    {
        var name = RoleArgument();
        var plugin = new Argument<string>("plugin") { Description = "The plugin that takes it over, such as scheduler-spread" };
        var version = new Option<string>("--version") { Description = "Its version; by default the newest installed" };
        var isolation = new Option<string>("--isolation") { Description = "Where it runs from now on: in-process, or process for one of its own; as before if not given" };
        isolation.AcceptOnlyFromAmong(PluginSlot.InProcess, PluginSlot.OwnProcess);
        var grant = GrantOption("as before if not given");
        var timeout = TimeoutOption();
        var command = new Command("swap", "Let another plugin take a role over, while the cluster serves") { name, plugin, version, isolation, grant, timeout };
        command.SetAction(async (result, cancellationToken) =>
        {
            using var api = ClientOptions.Connect(result);
            var change = new PluginChange(api, result.GetRequiredValue(name), WaitCommand.Duration(result.GetRequiredValue(timeout)));
            var wanted = result.GetRequiredValue(plugin);
            change.Set("plugin", wanted);
            change.Set("version", result.GetValue(version) ?? "");
            if (result.GetValue(isolation) is { } place)
            {
                change.Set("isolation", place);
            }

            if (Granted(result.GetValue(grant)) is { } privileges)
            {
                change.Set("privileges", privileges);
            }

            await change.ExchangeAsync(wanted, cancellationToken);
            return 0;
        });
        return command;
    }

    private static Command Rollback()
    {
        var name = RoleArgument();
        var timeout = TimeoutOption();
        var command = new Command("rollback", "Let the plugin that ran before the last exchange take its role back") { name, timeout };
        command.SetAction(async (result, cancellationToken) =>
        {
            using var api = ClientOptions.Connect(result);
            var role = result.GetRequiredValue(name);
            if ((await GetAsync(api, role, cancellationToken))["status"]?["previous"] is not JsonObject previous)
            {
                throw new CommandException($"{role} was never exchanged, so there is nothing to go back to; 'modular plugins swap {role} PLUGIN' exchanges it");
            }

            var change = new PluginChange(api, role, WaitCommand.Duration(result.GetRequiredValue(timeout)));
            var wanted = previous["plugin"]!.GetValue<string>();
            change.Set("plugin", wanted);
            change.Set("version", previous["version"]!.DeepClone());
            change.Set("isolation", previous["isolation"]!.DeepClone());
            change.Set("configuration", JsonNode.Parse(previous["configuration"]!.GetValue<string>())!);
            // None are written as none, over those that came since.
            change.Set("limits", JsonNode.Parse(previous["limits"]?.GetValue<string>() ?? "{}")!);
            change.Set("privileges", previous["privileges"]?.DeepClone());
            change.Set("trial", previous["trial"]?.GetValue<string>() is { } trial ? JsonNode.Parse(trial) : null);
            await change.ExchangeAsync(wanted, cancellationToken);
            return 0;
        });
        return command;
    }

    private static Command Enable(bool on)
    {
        var name = RoleArgument();
        var timeout = TimeoutOption();
        var verb = on ? "enable" : "disable";
        var command = new Command(verb, on ? "Start the plugin of a role that was disabled" : "Stop the plugin of a role, for good: it stays so after a restart") { name, timeout };
        command.SetAction(async (result, cancellationToken) =>
        {
            using var api = ClientOptions.Connect(result);
            var change = new PluginChange(api, result.GetRequiredValue(name), WaitCommand.Duration(result.GetRequiredValue(timeout)));
            change.Set("enabled", on);
            await change.SwitchAsync(on, cancellationToken);
            return 0;
        });
        return command;
    }

    internal static Argument<string> RoleArgument() => new("name") { Description = "The role, as 'plugins ls' shows it" };

    internal static Option<string> GrantOption(string otherwise) =>
        new("--grant") { Description = $"What the plugin may do to the machine, if it asks for it, such as net-admin,sys-admin; {otherwise}" };

    /// <summary>The privileges that an option names; null if it was not given.</summary>
    internal static JsonArray? Granted(string? option) =>
        option is null ? null : [.. option.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(name => (JsonNode)name)];

    internal static Option<string> TimeoutOption() => new("--timeout") { Description = "How long to wait, such as 30s", DefaultValueFactory = _ => "60s" };
}
