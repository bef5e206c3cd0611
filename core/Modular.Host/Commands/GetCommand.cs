using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Modular.Host.Client;
using Modular.Host.Output;

namespace Modular.Host.Commands;

/// <summary><c>modular get</c>: objects as a table, YAML, JSON or names; with -w also what happens to them.</summary>
internal static class GetCommand
{
    private const string TableAccept = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static Command Create()
    {
        var what = new Argument<string[]>("what") { Description = "TYPE, TYPE NAME..., or TYPE/NAME..." };
        var watch = new Option<bool>("--watch", "-w") { Description = "Go on with what happens" };
        var fields = new Option<string>("--field-selector") { Description = "Only objects with these fields, such as spec.nodeName=a" };
        var labels = new Option<bool>("--show-labels") { Description = "Show labels as the last column" };
        var command = new Command("get", "Show objects")
        {
            what, ClientOptions.Namespace, ClientOptions.AllNamespaces, ClientOptions.Selector, ClientOptions.Output, watch, fields, labels,
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
            if (output is "yaml" or "json" or "name")
            {
                await PrintObjectsAsync(api, targets, ns, query, output, cancellationToken);
                return 0;
            }

            return await PrintTablesAsync(api, targets, ns, query, output == "wide", result.GetValue(labels), result.GetValue(watch), cancellationToken);
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

    private static async Task PrintObjectsAsync(
        ApiConnection api, IReadOnlyList<ObjectArgument> targets, string ns, string query, string output, CancellationToken cancellationToken)
    {
        var objects = new List<JsonObject>();
        foreach (var target in targets)
        {
            if (target.Name.Length > 0)
            {
                objects.Add(await api.GetAsync(target.Resource.Path(ns, target.Name), cancellationToken));
                continue;
            }

            var list = await api.GetAsync(target.Resource.Path(ns) + query, cancellationToken);
            foreach (var item in list["items"]!.AsArray())
            {
                // List items carry no type of their own; a file that is applied again needs it.
                var whole = new JsonObject { ["apiVersion"] = target.Resource.GroupVersion, ["kind"] = target.Resource.Kind };
                foreach (var (name, value) in item!.AsObject().Where(member => member.Key is not ("apiVersion" or "kind")))
                {
                    whole[name] = value?.DeepClone();
                }

                objects.Add(whole);
            }
        }

        if (output == "name")
        {
            foreach (var obj in objects)
            {
                var resource = targets.First(t => t.Resource.Kind == obj["kind"]!.GetValue<string>()).Resource;
                Console.WriteLine($"{resource.DisplayName}/{obj["metadata"]!["name"]}");
            }

            return;
        }

        var single = objects.Count == 1 && targets.Count == 1 && targets[0].Name.Length > 0;
        var document = single ? objects[0] : new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "List",
            ["metadata"] = new JsonObject { ["resourceVersion"] = "" },
            ["items"] = new JsonArray([.. objects]),
        };
        Console.Write(output == "yaml" ? YamlText.Write(document) : document.ToJsonString(Indented) + "\n");
    }

    private static async Task<int> PrintTablesAsync(
        ApiConnection api, IReadOnlyList<ObjectArgument> targets, string ns, string query, bool wide, bool labels, bool watch,
        CancellationToken cancellationToken)
    {
        var groups = targets.GroupBy(t => t.Resource).ToList();
        if (watch && groups.Count > 1)
        {
            throw new CommandException("-w watches one type at a time; name one");
        }

        var printed = 0;
        var failed = false;
        foreach (var group in groups)
        {
            var prefix = groups.Count > 1 ? group.Key.DisplayName + "/" : "";
            var printer = new TablePrinter(Console.Out, wide, group.Key.Namespaced && ns.Length == 0, labels);
            var revision = "";
            foreach (var target in group)
            {
                var path = target.Name.Length > 0 ? target.Resource.Path(ns, target.Name) : target.Resource.Path(ns) + query;
                try
                {
                    var table = await api.SendAsync(HttpMethod.Get, path, null, "", cancellationToken, TableAccept);
                    revision = table["metadata"]?["resourceVersion"]?.GetValue<string>() ?? revision;
                    var rows = table["rows"]?.AsArray().Count ?? 0;
                    if (rows > 0)
                    {
                        if (printed > 0 && group.First() == target)
                        {
                            Console.WriteLine();
                        }

                        printer.Print(table, prefix);
                        printed += rows;
                    }
                }
                catch (ApiFailure e) when (e.Code == 404 && target.Name.Length > 0)
                {
                    await Console.Error.WriteLineAsync($"Error from server ({e.Reason}): {e.Message}");
                    failed = true;
                }
            }

            if (watch)
            {
                await WatchAsync(api, group.Key, ns, group.First().Name, query, revision, printer, cancellationToken);
            }
        }

        if (printed == 0 && !failed)
        {
            var message = ns.Length > 0 && targets.Any(t => t.Resource.Namespaced) ? $"No resources found in {ns} namespace." : "No resources found";
            await Console.Error.WriteLineAsync(message);
        }

        return failed ? 1 : 0;
    }

    private static async Task WatchAsync(
        ApiConnection api, DiscoveredResource resource, string ns, string name, string query, string revision, TablePrinter printer,
        CancellationToken cancellationToken)
    {
        var selection = name.Length > 0 ? $"?fieldSelector=metadata.name%3D{Uri.EscapeDataString(name)}" : query;
        var path = $"{resource.Path(ns)}{selection}{(selection.Length == 0 ? '?' : '&')}watch=true&resourceVersion={revision}";
        await foreach (var change in api.WatchAsync(path, TableAccept, cancellationToken))
        {
            if (change["type"]!.GetValue<string>() == "ERROR")
            {
                throw new CommandException($"the watch ended: {change["object"]?["message"]}");
            }

            if (change["object"]!["kind"]?.GetValue<string>() == "Table" && change["type"]!.GetValue<string>() != "BOOKMARK")
            {
                printer.Print(change["object"]!.AsObject());
            }
        }
    }
}
