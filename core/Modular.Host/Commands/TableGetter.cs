using Modular.Host.Client;
using Modular.Host.Output;

namespace Modular.Host.Commands;

/// <summary>Prints objects as the tables that the server makes of them.</summary>
internal sealed class TableGetter(ApiConnection api, string ns, string query, bool wide, bool labels)
{
    private const string TableAccept = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";

    public async Task<int> PrintAsync(IReadOnlyList<ObjectArgument> targets, bool watch, CancellationToken cancellationToken)
    {
        var groups = targets.GroupBy(t => t.Resource).ToList();
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
                await WatchAsync(group.Key, group.First().Name, revision, printer, cancellationToken);
            }
        }

        if (printed == 0 && !failed)
        {
            var message = ns.Length > 0 && targets.Any(t => t.Resource.Namespaced) ? $"No resources found in {ns} namespace." : "No resources found";
            await Console.Error.WriteLineAsync(message);
        }

        return failed ? 1 : 0;
    }

    private async Task WatchAsync(
        DiscoveredResource resource, string name, string revision, TablePrinter printer, CancellationToken cancellationToken)
    {
        var path = GetCommand.WatchPath(resource, ns, name, query, revision);
        await foreach (var change in api.WatchAsync(path, TableAccept, cancellationToken))
        {
            var table = GetCommand.Changed(change);
            if (table["kind"]?.GetValue<string>() == "Table" && change["type"]!.GetValue<string>() != "BOOKMARK")
            {
                printer.Print(table);
            }
        }
    }
}
