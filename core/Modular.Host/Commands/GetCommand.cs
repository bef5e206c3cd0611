using System.CommandLine;
using System.Text.Json.Nodes;
using Modular.Host.Client;

namespace Modular.Host.Commands;

/// <summary><c>modular get</c>: objects as a table, YAML, JSON or names; with -w also what happens to them.</summary>
internal static class GetCommand
{
    public static Command Create()
    {
        var what = new Argument<string[]>("what") { Description = "TYPE, TYPE NAME..., or TYPE/NAME...", Arity = ArgumentArity.OneOrMore };
        var watch = new Option<bool>("--watch", "-w") { Description = "Go on with what happens" };
        var fields = new Option<string>("--field-selector") { Description = "Only objects with these fields, such as spec.nodeName=a" };
        var labels = new Option<bool>("--show-labels") { Description = "Show labels as the last column" };
        var owners = new Option<bool>("--show-managed-fields") { Description = "Show who owns which fields, in YAML and JSON" };
        var command = new Command("get", "Show objects")
        {
            what, ClientOptions.Namespace, ClientOptions.AllNamespaces, ClientOptions.Selector, ClientOptions.Output, watch, fields, labels, owners,
        };
        command.SetAction(async (result, cancellationToken) =>
        {
            using var api = ClientOptions.Connect(result);
            var output = result.GetValue(ClientOptions.Output) ?? "";
            if (output is not ("" or "wide" or "yaml" or "json" or "name"))
            {
                throw new CommandException($"-o {output}: unknown output; use wide, yaml, json or name");
            }

            var mapper = await ResourceMapper.LoadAsync(api, cancellationToken);
            var targets = ObjectArgument.Read(result.GetRequiredValue(what), mapper);
            var query = Query(result.GetValue(ClientOptions.Selector), result.GetValue(fields));
            var ns = ClientOptions.NamespaceOf(result, api);
            var watches = result.GetValue(watch);
            if (watches && targets.Count > 1)
            {
                throw new CommandException("-w watches one object or one type at a time; name one");
            }

            return output is "yaml" or "json" or "name"
                ? await new ObjectGetter(api, ns, query, output, result.GetValue(owners)).PrintAsync(targets, watches, cancellationToken)
                : await new TableGetter(api, ns, query, output == "wide", result.GetValue(labels)).PrintAsync(targets, watches, cancellationToken);
        });
        return command;
    }

    /// <summary>Query parameters that select, beginning with a question mark; empty if there are none.</summary>
    internal static string Query(string? labels, string? fields)
    {
        var parameters = new List<string>();
        if (!string.IsNullOrEmpty(labels))
        {
            parameters.Add("labelSelector=" + Uri.EscapeDataString(labels));
        }

        if (!string.IsNullOrEmpty(fields))
        {
            parameters.Add("fieldSelector=" + Uri.EscapeDataString(fields));
        }

        return parameters.Count == 0 ? "" : "?" + string.Join('&', parameters);
    }

    /// <summary>The path that watches what a get of this selection has listed.</summary>
    internal static string WatchPath(DiscoveredResource resource, string ns, string name, string query, string revision)
    {
        var selection = name.Length > 0 ? $"?fieldSelector=metadata.name%3D{Uri.EscapeDataString(name)}" : query;
        return $"{resource.Path(ns)}{selection}{(selection.Length == 0 ? '?' : '&')}watch=true&resourceVersion={revision}";
    }

    /// <summary>The change that a watch told of.</summary>
    /// <exception cref="CommandException">It told of its end.</exception>
    internal static JsonObject Changed(JsonObject change) => change["type"]!.GetValue<string>() == "ERROR"
        ? throw new CommandException($"the watch ended: {change["object"]?["message"]}")
        : change["object"]!.AsObject();
}
