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

    public static Command Create() => new("plugins", "Show and exchange the plugins of the cluster") { List(), Describe(), Graph(), Swap() };

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
        var name = new Argument<string>("name") { Description = "The role, as 'plugins ls' shows it" };
        var command = new Command("describe", "Show one plugin with its conditions") { name };
        command.SetAction(async (result, cancellationToken) =>
        {
            using var api = ClientOptions.Connect(result);
            var plugin = await api.GetAsync($"{Path}/{Uri.EscapeDataString(result.GetRequiredValue(name))}", cancellationToken);
            plugin["metadata"]!.AsObject().Remove("managedFields");
            Console.Write(YamlText.Write(plugin));
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
                    var providers = plugins.Where(p => Contracts(p, "provides").Contains(required)).Select(p => p["metadata"]!["name"]!.ToString()).ToList();
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
        var name = new Argument<string>("name") { Description = "The role, as 'plugins ls' shows it" };
        var plugin = new Argument<string>("plugin") { Description = "The plugin that takes it over, such as scheduler-spread" };
        var version = new Option<string>("--version") { Description = "Its version; by default the newest installed" };
        var isolation = new Option<string>("--isolation") { Description = "Where it runs from now on: in-process, or process for one of its own; as before if not given" };
        isolation.AcceptOnlyFromAmong(PluginSlot.InProcess, PluginSlot.OwnProcess);
        var timeout = new Option<string>("--timeout") { Description = "How long to wait, such as 30s", DefaultValueFactory = _ => "60s" };
        var command = new Command("swap", "Let another plugin take a role over, while the cluster serves") { name, plugin, version, isolation, timeout };
        command.SetAction(async (result, cancellationToken) =>
        {
            using var api = ClientOptions.Connect(result);
            var role = result.GetRequiredValue(name);
            var wanted = result.GetRequiredValue(plugin);
            var before = Epoch(await api.GetAsync($"{Path}/{Uri.EscapeDataString(role)}", cancellationToken));
            // Somebody who asks for the plugin that runs wants its newest build.
            var instance = Guid.NewGuid().ToString();
            var spec = new JsonObject { ["plugin"] = wanted, ["version"] = result.GetValue(version) ?? "", ["instance"] = instance };
            if (result.GetValue(isolation) is { } place)
            {
                spec["isolation"] = place;
            }

            var changed = await api.SendAsync(
                HttpMethod.Patch, $"{Path}/{Uri.EscapeDataString(role)}", new JsonObject { ["spec"] = spec }, "application/merge-patch+json",
                cancellationToken);
            var generation = changed["metadata"]!["generation"]!.GetValue<long>();
            var mapper = await ResourceMapper.LoadAsync(api, cancellationToken);
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            deadline.CancelAfter(WaitCommand.Duration(result.GetRequiredValue(timeout)));
            await using var progress = Progress.Start($"swapping {role}");
            JsonObject? last = null;
            try
            {
                await ObjectWaiter.UntilAsync(api, mapper.Find("plugins"), "", role, obj => Settled(last = obj, generation), deadline.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                throw new CommandException($"the swap of {role} has not ended in time; 'modular plugins describe {role}' shows where it is");
            }

            var running = last?["status"]?["plugin"]?.GetValue<string>();
            if (last?["spec"]?["instance"]?.GetValue<string>() != instance)
            {
                throw new CommandException($"{role} was not swapped: it follows the distribution file only; run 'modular down', change the file, and start with --distribution FILE");
            }

            if (running != wanted || Epoch(last) == before)
            {
                throw new CommandException($"{role} was not swapped: {Reason(last)}");
            }

            Console.WriteLine($"plugin/{role} is {running} {last!["status"]!["version"]}");
            return 0;
        });
        return command;
    }

    private static long Epoch(JsonNode? plugin) =>
        (plugin?["status"]?["instances"] as JsonArray)?.FirstOrDefault()?["epoch"]?.GetValue<long>() ?? 0;

    private static bool Settled(JsonObject? plugin, long generation) =>
        plugin?["status"]?["observedGeneration"]?.GetValue<long>() >= generation;

    private static string Reason(JsonObject? plugin) =>
        (plugin?["status"]?["conditions"] as JsonArray)?
            .Where(c => c!["status"]?.GetValue<string>() == "False" || c["type"]?.GetValue<string>() == "Degraded")
            .Select(c => c!["message"]?.GetValue<string>() ?? "").FirstOrDefault(m => m.Length > 0) ?? "no reason was given";
}
