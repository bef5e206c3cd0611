using System.CommandLine;
using System.Text.Json.Nodes;

namespace Modular.Host.Commands;

/// <summary><c>modular plugins promote</c>: a candidate takes the role over that it was tried for.</summary>
internal static class PromoteCommand
{
    public static Command Create()
    {
        var name = new Argument<string>("name") { Description = "The candidate, as 'plugins ls' shows it" };
        var force = new Option<bool>("--force") { Description = "Even if it has only failed so far" };
        var timeout = PluginsCommand.TimeoutOption();
        var command = new Command("promote", "Let a candidate take the role over that it is tried for") { name, force, timeout };
        command.SetAction(async (result, cancellationToken) =>
        {
            using var api = ClientOptions.Connect(result);
            var candidate = result.GetRequiredValue(name);
            var plugins = (await api.GetAsync(PluginsCommand.Path, cancellationToken))["items"]!.AsArray().Select(item => item!.AsObject()).ToList();
            var tried = plugins.Find(plugin => Name(plugin) == candidate)
                ?? throw new CommandException($"there is no plugin {candidate}; 'modular plugins ls' lists them");
            var role = RoleOf(candidate, tried, plugins);
            var (spec, status) = (tried["spec"]!.AsObject(), tried["status"]!.AsObject());
            if (!result.GetValue(force))
            {
                RefuseFailing(candidate, status["trial"]?["report"]?["candidate"]);
            }

            var wanted = status["plugin"]!.GetValue<string>();
            var change = new PluginChange(api, role, WaitCommand.Duration(result.GetRequiredValue(timeout)));
            change.Set("plugin", wanted);
            change.Set("version", status["version"]!.DeepClone());
            change.Set("isolation", status["isolation"]!.DeepClone());
            change.Set("configuration", spec["configuration"]?.DeepClone() ?? new JsonObject());
            change.Set("limits", spec["limits"]?.DeepClone() ?? new JsonObject());
            if (spec["privileges"] is JsonArray { Count: > 0 } privileges)
            {
                change.Set("privileges", privileges.DeepClone());
            }

            await change.ExchangeAsync(wanted, cancellationToken);
            await api.SendAsync(HttpMethod.Delete, $"{PluginsCommand.Path}/{Uri.EscapeDataString(candidate)}", null, "", cancellationToken);
            Console.WriteLine($"plugin/{candidate} deleted; 'modular plugins rollback {role}' brings back what ran before");
            return 0;
        });
        return command;
    }

    private static string RoleOf(string candidate, JsonObject tried, List<JsonObject> plugins)
    {
        if (tried["spec"]!["trial"] is null)
        {
            throw new CommandException($"{candidate} is no candidate; 'modular plugins try' starts one");
        }

        if (tried["status"]?["phase"]?.GetValue<string>() != "Running")
        {
            throw new CommandException($"{candidate} does not run; 'modular plugins report {candidate}' tells why");
        }

        if (tried["spec"]!["trial"]!["role"]?.GetValue<string>() is { Length: > 0 } role)
        {
            return role;
        }

        var provides = Provides(tried);
        return plugins.Where(plugin => plugin["spec"]!["trial"] is null && Provides(plugin).Intersect(provides).Any()).Select(Name).FirstOrDefault()
            ?? throw new CommandException($"no role has {string.Join(", ", provides)}, so there is none to take over; take trial out of the spec of {candidate} instead");
    }

    private static void RefuseFailing(string candidate, JsonNode? figures)
    {
        if (figures?["failures"]?.GetValue<long>() is > 0 and var failures && figures["placed"]!.GetValue<long>() == 0)
        {
            throw new CommandException($"{candidate} has failed {failures} times and placed nothing (last: {figures["lastError"]}); correct it, or add --force");
        }
    }

    private static string Name(JsonObject plugin) => plugin["metadata"]!["name"]!.GetValue<string>();

    private static List<string> Provides(JsonObject plugin) =>
        plugin["status"]?["provides"] is JsonArray contracts ? [.. contracts.Select(contract => contract!.GetValue<string>())] : [];
}
