using System.Text.Json.Nodes;
using Modular.Host.Client;
using Modular.Host.Output;

namespace Modular.Host.Commands;

/// <summary>A change of a role's Plugin object, or its making, and the wait for what becomes of it.</summary>
internal sealed class PluginChange(ApiConnection api, string role, TimeSpan timeout)
{
    private readonly Dictionary<string, JsonNode?> _members = new(StringComparer.Ordinal);

    private string Path => $"{PluginsCommand.Path}/{Uri.EscapeDataString(role)}";

    /// <summary>Has a member of the spec set, whatever it was.</summary>
    public void Set(string member, JsonNode? value) => _members[member] = value;

    /// <summary>Makes the object, or changes it if it is there, and has a candidate tried. One that was made for a candidate that can't be tried goes again.</summary>
    /// <returns>The object afterwards.</returns>
    /// <exception cref="CommandException">The candidate does not run, and why.</exception>
    public async Task<JsonObject> TryAsync(string wanted, CancellationToken cancellationToken)
    {
        Set("enabled", true);
        Set("instance", Guid.NewGuid().ToString());
        var made = false;
        JsonObject last;
        try
        {
            if ((await api.GetAsync(Path, cancellationToken))["spec"]!["trial"] is null)
            {
                throw new CommandException($"{role} is a role, which a candidate of that name would empty; choose another --name");
            }

            last = await SettleAsync("starting", cancellationToken);
        }
        catch (ApiFailure missing) when (missing.Reason == "NotFound")
        {
            var plugin = new JsonObject
            {
                ["apiVersion"] = "modular.dev/v1alpha1",
                ["kind"] = "Plugin",
                ["metadata"] = new JsonObject { ["name"] = role },
                ["spec"] = new JsonObject(_members.Select(member => KeyValuePair.Create(member.Key, member.Value))),
            };
            last = await SettleAsync("starting", await api.SendAsync(HttpMethod.Post, PluginsCommand.Path, plugin, "application/json", cancellationToken), cancellationToken);
            made = true;
        }

        if (last["status"]?["phase"]?.GetValue<string>() == "Running" && last["status"]!["plugin"]?.GetValue<string>() == wanted)
        {
            return last;
        }

        if (made)
        {
            await api.SendAsync(HttpMethod.Delete, Path, null, "", cancellationToken);
        }

        throw new CommandException($"{role} does not run {wanted}: {Reason(last)}");
    }

    /// <summary>Makes the change, which brings a new instance of a plugin.</summary>
    /// <exception cref="CommandException">Another plugin, or the old instance, runs afterwards, and why.</exception>
    public async Task ExchangeAsync(string wanted, CancellationToken cancellationToken)
    {
        var was = await PluginsCommand.GetAsync(api, role, cancellationToken);
        if (was["spec"]!["enabled"]?.GetValue<bool>() == false)
        {
            throw new CommandException($"{role} is disabled, so there is nothing to exchange; 'modular plugins enable {role}' comes first");
        }

        var before = Epoch(was);
        // Somebody who asks for the plugin that runs wants its newest build.
        var instance = Guid.NewGuid().ToString();
        Set("instance", instance);
        var last = await SettleAsync("swapping", cancellationToken);
        var asked = Instance(last);
        if (asked != instance && asked != Instance(was))
        {
            throw new CommandException($"{role} was not swapped: somebody asked for {last["spec"]!["plugin"]} meanwhile; 'modular plugins describe {role}' shows what became of it");
        }

        CheckFollowed(last, "swapped", stands: asked == instance);
        var running = last["status"]?["plugin"]?.GetValue<string>();
        // What can't run beside its successor may have come back, as another instance, or not at all.
        if (running != wanted || last["status"]?["phase"]?.GetValue<string>() != "Running" || Epoch(last) == before || last["status"]?["kept"] is not null)
        {
            throw new CommandException($"{role} was not swapped: {Reason(last)}");
        }

        Console.WriteLine($"plugin/{role} is {running} {last["status"]!["version"]}");
    }

    /// <summary>Makes the change, which starts or stops the plugin.</summary>
    /// <exception cref="CommandException">It doesn't start, or can't be stopped, and why.</exception>
    public async Task SwitchAsync(bool on, CancellationToken cancellationToken)
    {
        _ = await PluginsCommand.GetAsync(api, role, cancellationToken);
        var done = on ? "enabled" : "disabled";
        var last = await SettleAsync(on ? "starting" : "stopping", cancellationToken);
        CheckFollowed(last, done, stands: last["spec"]!["enabled"]?.GetValue<bool>() == on);
        if (on && last["status"]?["phase"]?.GetValue<string>() != "Running")
        {
            throw new CommandException($"{role} is enabled and does not run: {Reason(last)}");
        }

        Console.WriteLine($"plugin/{role} {done}");
    }

    private async Task<JsonObject> SettleAsync(string what, CancellationToken cancellationToken)
    {
        JsonArray patch = [.. _members.Select(m => new JsonObject { ["op"] = "add", ["path"] = $"/spec/{m.Key}", ["value"] = m.Value })];
        return await SettleAsync(what, await api.SendAsync(HttpMethod.Patch, Path, patch, "application/json-patch+json", cancellationToken), cancellationToken);
    }

    private async Task<JsonObject> SettleAsync(string what, JsonObject changed, CancellationToken cancellationToken)
    {
        var generation = changed["metadata"]!["generation"]!.GetValue<long>();
        var mapper = await ResourceMapper.LoadAsync(api, cancellationToken);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(timeout);
        await using var progress = Progress.Start($"{what} {role}");
        JsonObject? last = null;
        try
        {
            await ObjectWaiter.UntilAsync(
                api, mapper.Find("plugins"), "", role, obj => (last = obj)?["status"]?["observedGeneration"]?.GetValue<long>() >= generation, deadline.Token);
            return last!;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new CommandException($"{what} {role} has not ended in time; 'modular plugins describe {role}' shows where it is");
        }
    }

    private void CheckFollowed(JsonObject last, string done, bool stands)
    {
        if (!stands)
        {
            throw new CommandException($"{role} was not {done}: the API needs it as it is; run 'modular down', change the file, and start with --distribution FILE");
        }
    }

    private static string Instance(JsonObject plugin) => plugin["spec"]!["instance"]?.GetValue<string>() ?? "";

    private static long Epoch(JsonNode? plugin) =>
        (plugin?["status"]?["instances"] as JsonArray)?.FirstOrDefault()?["epoch"]?.GetValue<long>() ?? 0;

    private static string Reason(JsonObject plugin) =>
        (plugin["status"]?["conditions"] as JsonArray)?
            .Where(c => c!["status"]?.GetValue<string>() == "False" || c["type"]?.GetValue<string>() == "Degraded")
            .Select(c => c!["message"]?.GetValue<string>() ?? "").FirstOrDefault(m => m.Length > 0) ?? "no reason was given";
}
