using System.CommandLine;
using System.Text.Json.Nodes;
using Modular.Kernel.Plugins;

namespace Modular.Host.Commands;

/// <summary><c>modular plugins try</c>: has a candidate tried beside the plugin that fills a role.</summary>
internal static class TryCommand
{
    public static Command Create()
    {
        var role = PluginsCommand.RoleArgument();
        var plugin = new Argument<string>("plugin") { Description = "The plugin to try, such as scheduler-spread" };
        var canary = new Option<bool>("--canary") { Description = "Let its answers count, for the share of the work that --selector and --share name; without it they are compared only" };
        var selector = new Option<string>("--selector", "-l") { Description = "Try it on objects with these labels only, such as app=web" };
        var share = new Option<int>("--share") { Description = "Try it on so many percent of them", DefaultValueFactory = _ => 100 };
        var version = new Option<string>("--version") { Description = "The plugin's version; by default the newest installed" };
        var isolation = new Option<string>("--isolation") { Description = "Where it runs: in-process, or process for one of its own" };
        isolation.AcceptOnlyFromAmong(PluginSlot.InProcess, PluginSlot.OwnProcess);
        var grant = PluginsCommand.GrantOption("nothing if not given");
        var name = new Option<string>("--name") { Description = "What the candidate is called; by default the role's name and -candidate" };
        var timeout = PluginsCommand.TimeoutOption();
        var command = new Command("try", "Try a plugin beside the one that fills a role: as a shadow that is only compared, or as a canary for a share of the work")
        {
            role, plugin, canary, selector, share, version, isolation, grant, name, timeout,
        };
        command.SetAction(async (result, cancellationToken) =>
        {
            using var api = ClientOptions.Connect(result);
            var (live, wanted) = (result.GetRequiredValue(role), result.GetRequiredValue(plugin));
            var spec = (await PluginsCommand.GetAsync(api, live, cancellationToken))["spec"]!.AsObject();
            if (spec["trial"] is not null)
            {
                throw new CommandException($"{live} is a candidate itself; name the role it is tried for");
            }

            var candidate = result.GetValue(name) is { Length: > 0 } given ? given : $"{live}-candidate";
            var mode = result.GetValue(canary) ? "canary" : "shadow";
            var change = new PluginChange(api, candidate, WaitCommand.Duration(result.GetRequiredValue(timeout)));
            change.Set("plugin", wanted);
            change.Set("version", result.GetValue(version) ?? "");
            change.Set("isolation", result.GetValue(isolation) ?? "");
            change.Set("privileges", PluginsCommand.Granted(result.GetValue(grant)));
            // Another plugin would not understand the configuration of the one that runs.
            change.Set("configuration", spec["plugin"]!.GetValue<string>() == wanted && spec["configuration"] is { } same ? same.DeepClone() : new JsonObject());
            change.Set("trial", new JsonObject { ["mode"] = mode, ["selector"] = result.GetValue(selector) ?? "", ["share"] = result.GetValue(share), ["role"] = live });
            var running = await change.TryAsync(wanted, cancellationToken);
            Console.WriteLine($"plugin/{candidate} is {wanted} {running["status"]!["version"]}, a {mode} of {live}; 'modular plugins report {candidate}' tells how it does");
            return 0;
        });
        return command;
    }
}
