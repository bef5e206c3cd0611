using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Modular.Host.Client;
using Modular.Host.Output;

namespace Modular.Host.Commands;

/// <summary><c>modular describe</c>: everything about an object, for people, and the events about it.</summary>
internal static class DescribeCommand
{
    public static Command Create()
    {
        var what = new Argument<string[]>("what") { Description = "TYPE, TYPE NAME..., or TYPE/NAME...", Arity = ArgumentArity.OneOrMore };
        var command = new Command("describe", "Show objects in detail, with their events")
        {
            what, ClientOptions.Namespace, ClientOptions.AllNamespaces, ClientOptions.Selector,
        };
        command.SetAction(async (result, cancellationToken) =>
        {
            using var api = ClientOptions.Connect(result);
            var mapper = await ResourceMapper.LoadAsync(api, cancellationToken);
            var ns = ClientOptions.NamespaceOf(result, api);
            var first = true;
            foreach (var target in ObjectArgument.Read(result.GetRequiredValue(what), mapper))
            {
                foreach (var obj in await ReadAsync(api, target, ns, result.GetValue(ClientOptions.Selector), cancellationToken))
                {
                    if (!first)
                    {
                        Console.WriteLine();
                    }

                    first = false;
                    Console.Write(Text(obj));
                    await PrintEventsAsync(api, obj, target.Resource, cancellationToken);
                }
            }

            return 0;
        });
        return command;
    }

    private static async Task<IReadOnlyList<JsonObject>> ReadAsync(
        ApiConnection api, ObjectArgument target, string ns, string? selector, CancellationToken cancellationToken)
    {
        if (target.Name.Length > 0)
        {
            return [await api.GetAsync(target.Resource.Path(ns, target.Name), cancellationToken)];
        }

        var list = await api.GetAsync(target.Resource.Path(ns) + GetCommand.Query(selector, null), cancellationToken);
        return [.. list["items"]!.AsArray().Select(item => item!.AsObject())];
    }

    private static string Text(JsonObject obj)
    {
        var text = new StringBuilder();
        var metadata = obj["metadata"]!.AsObject();
        Line(text, 0, "Name", metadata["name"]);
        if (metadata["namespace"] is { } ns)
        {
            Line(text, 0, "Namespace", ns);
        }

        Map(text, "Labels", metadata["labels"] as JsonObject, "=");
        Map(text, "Annotations", metadata["annotations"] as JsonObject, ": ");
        Line(text, 0, "Created", metadata["creationTimestamp"]);
        if (metadata["deletionTimestamp"] is { } deletion)
        {
            Line(text, 0, "Deleted", deletion);
        }

        if ((metadata["ownerReferences"] as JsonArray)?.FirstOrDefault(o => o?["controller"]?.GetValue<bool>() == true) is { } owner)
        {
            Line(text, 0, "Controlled By", JsonValue.Create($"{owner["kind"]}/{owner["name"]}"));
        }

        foreach (var (name, value) in obj)
        {
            if (name is not ("apiVersion" or "kind" or "metadata"))
            {
                Node(text, 0, Title(name), value);
            }
        }

        return text.ToString();
    }

    private static void Map(StringBuilder text, string name, JsonObject? map, string between)
    {
        var shown = (map ?? []).Where(m => m.Key != "kubectl.kubernetes.io/last-applied-configuration").ToList();
        Line(text, 0, name, JsonValue.Create(shown.Count == 0 ? "<none>" : $"{shown[0].Key}{between}{shown[0].Value}"));
        foreach (var (key, value) in shown.Skip(1))
        {
            text.Append(' ', 18).Append(key).Append(between).Append(value).Append('\n');
        }
    }

    private static void Node(StringBuilder text, int depth, string name, JsonNode? node)
    {
        switch (node)
        {
            case JsonObject { Count: > 0 } obj:
                text.Append(' ', depth * 2).Append(name).Append(":\n");
                foreach (var (key, value) in obj)
                {
                    Node(text, depth + 1, Title(key), value);
                }

                break;
            case JsonArray { Count: > 0 } array when array.All(a => a is JsonValue):
                Line(text, depth, name, JsonValue.Create(string.Join(", ", array.Select(a => a!.ToString()))));
                break;
            case JsonArray { Count: > 0 } array:
                text.Append(' ', depth * 2).Append(name).Append(":\n");
                foreach (var entry in array)
                {
                    var heading = entry?["name"]?.ToString() ?? entry?["type"]?.ToString() ?? "-";
                    Node(text, depth + 1, heading, entry);
                }

                break;
            default:
                Line(text, depth, name, node is JsonObject or JsonArray ? JsonValue.Create("<none>") : node);
                break;
        }
    }

    private static void Line(StringBuilder text, int depth, string name, JsonNode? value) =>
        text.Append(' ', depth * 2).Append((name + ":").PadRight(Math.Max(18 - (depth * 2), name.Length + 2))).Append(value?.ToString() ?? "<none>").Append('\n');

    // podIP becomes Pod IP, and hostNetwork Host Network.
    private static string Title(string name)
    {
        var title = new StringBuilder();
        for (var i = 0; i < name.Length; i++)
        {
            if (i > 0 && char.IsAsciiLetterUpper(name[i]) && !char.IsAsciiLetterUpper(name[i - 1]))
            {
                title.Append(' ');
            }

            title.Append(i == 0 ? char.ToUpperInvariant(name[i]) : name[i]);
        }

        return title.ToString();
    }

    private static async Task PrintEventsAsync(ApiConnection api, JsonObject obj, DiscoveredResource resource, CancellationToken cancellationToken)
    {
        var metadata = obj["metadata"]!;
        var selector = $"involvedObject.name={metadata["name"]},involvedObject.kind={resource.Kind}";
        if (metadata["uid"] is { } uid && resource.Kind != "Node")
        {
            selector += $",involvedObject.uid={uid}";
        }

        var ns = metadata["namespace"]?.GetValue<string>();
        var path = ns is null ? "/api/v1/events" : $"/api/v1/namespaces/{Uri.EscapeDataString(ns)}/events";
        JsonObject events;
        try
        {
            events = await api.GetAsync($"{path}?fieldSelector={Uri.EscapeDataString(selector)}", cancellationToken);
        }
        catch (ApiFailure e) when (e.Code is 404 or 403)
        {
            return;
        }

        List<IReadOnlyList<string>> rows = [["  Type", "Reason", "Age", "From", "Message"]];
        foreach (var entry in events["items"]!.AsArray().OrderBy(LastSeen))
        {
            var count = entry!["count"]?.GetValue<int>() ?? 1;
            var age = ApiMachinery.HumanDuration.Format(DateTimeOffset.UtcNow - LastSeen(entry));
            rows.Add(["  " + entry["type"], $"{entry["reason"]}", count > 1 ? $"{age} (x{count})" : age,
                $"{entry["source"]?["component"] ?? entry["reportingComponent"]}", $"{entry["message"]}".Trim()]);
        }

        if (rows.Count == 1)
        {
            Console.WriteLine("Events:           <none>");
            return;
        }

        Console.WriteLine("Events:");
        TablePrinter.Print(Console.Out, rows);
    }

    private static DateTimeOffset LastSeen(JsonNode? entry)
    {
        var time = entry!["lastTimestamp"] ?? entry["eventTime"] ?? entry["metadata"]!["creationTimestamp"];
        return DateTimeOffset.Parse(time!.GetValue<string>(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
    }
}
