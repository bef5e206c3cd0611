using System.CommandLine;
using System.Text.Json.Nodes;
using Modular.Host.Client;
using Modular.Host.Output;

namespace Modular.Host.Commands;

/// <summary><c>modular wait --for=...</c>: returns when objects have reached a state.</summary>
internal static class WaitCommand
{
    public static Command Create()
    {
        var what = new Argument<string[]>("what") { Description = "TYPE NAME..., or TYPE/NAME...; TYPE with -l or --all", Arity = ArgumentArity.OneOrMore };
        var state = new Option<string>("--for")
        {
            Description = "condition=NAME[=VALUE], jsonpath={.path}=VALUE, create or delete",
            Required = true,
        };
        var all = new Option<bool>("--all") { Description = "All objects of the type" };
        var timeout = new Option<string>("--timeout") { Description = "How long, such as 30s or 5m", DefaultValueFactory = _ => "30s" };
        var command = new Command("wait", "Wait for a state of objects") { what, ClientOptions.Namespace, ClientOptions.Selector, state, all, timeout };
        command.SetAction(async (result, cancellationToken) =>
        {
            var reached = Condition(result.GetRequiredValue(state));
            var limit = Duration(result.GetRequiredValue(timeout));
            using var api = ClientOptions.Connect(result);
            var mapper = await ResourceMapper.LoadAsync(api, cancellationToken);
            var ns = ClientOptions.NamespaceOf(result, api);
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            deadline.CancelAfter(limit);
            foreach (var target in ObjectArgument.Read(result.GetRequiredValue(what), mapper))
            {
                foreach (var name in await NamesAsync(api, target, ns, result.GetValue(ClientOptions.Selector), result.GetValue(all), cancellationToken))
                {
                    if (result.GetRequiredValue(state) is not ("create" or "delete"))
                    {
                        // Only those two may wait for what is not there; for the others a missing object is a mistake.
                        await api.GetAsync(target.Resource.Path(ns, name), cancellationToken);
                    }

                    await using var progress = Progress.Start($"waiting for {target.Resource.Singular} {name}");
                    try
                    {
                        await ObjectWaiter.UntilAsync(api, target.Resource, ns, name, reached, deadline.Token);
                    }
                    catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
                    {
                        throw new CommandException($"timed out waiting for {result.GetValue(state)} on {target.Resource.DisplayName}/{name}");
                    }

                    Console.WriteLine($"{target.Resource.DisplayName}/{name} condition met");
                }
            }

            return 0;
        });
        return command;
    }

    /// <summary>Reads a duration such as 90, 30s, 5m or 1h.</summary>
    internal static TimeSpan Duration(string text)
    {
        var unit = text.Length > 0 ? text[^1] : ' ';
        var number = char.IsAsciiDigit(unit) ? text : text[..^1];
        return double.TryParse(number, out var value) && value >= 0
            ? unit switch
            {
                'h' => TimeSpan.FromHours(value),
                'm' => TimeSpan.FromMinutes(value),
                's' or (>= '0' and <= '9') => TimeSpan.FromSeconds(value),
                _ => throw new CommandException($"--timeout {text}: use a number with s, m or h"),
            }
            : throw new CommandException($"--timeout {text}: use a number with s, m or h, such as 30s");
    }

    private static Func<JsonObject?, bool> Condition(string state)
    {
        if (state == "delete")
        {
            return obj => obj is null;
        }

        if (state == "create")
        {
            return obj => obj is not null;
        }

        var parts = state.Split('=', 3);
        if (parts[0] == "condition" && parts.Length >= 2)
        {
            var wanted = parts.Length == 3 ? parts[2] : "True";
            return obj => (obj?["status"]?["conditions"] as JsonArray)?.Any(c =>
                string.Equals(c!["type"]?.GetValue<string>(), parts[1], StringComparison.OrdinalIgnoreCase)
                && string.Equals(c["status"]?.GetValue<string>(), wanted, StringComparison.OrdinalIgnoreCase)) == true;
        }

        if (parts[0] == "jsonpath" && parts.Length == 3)
        {
            var path = ObjectPath.Parse(parts[1]);
            return obj => path.Find(obj) == parts[2];
        }

        throw new CommandException($"--for={state}: use condition=NAME[=VALUE], jsonpath={{.path}}=VALUE, create or delete");
    }

    private static async Task<IReadOnlyList<string>> NamesAsync(
        ApiConnection api, ObjectArgument target, string ns, string? selector, bool all, CancellationToken cancellationToken)
    {
        if (target.Name.Length > 0)
        {
            return [target.Name];
        }

        if (string.IsNullOrEmpty(selector) && !all)
        {
            throw new CommandException($"name the {target.Resource.Plural} to wait for, or select them with -l, or say --all");
        }

        var list = await api.GetAsync(target.Resource.Path(ns) + GetCommand.Query(selector, null), cancellationToken);
        var names = list["items"]!.AsArray().Select(item => item!["metadata"]!["name"]!.GetValue<string>()).ToList();
        return names.Count > 0 ? names : throw new CommandException("no matching resources found");
    }
}
