using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Modular.Host.Output;

namespace Modular.Host.Commands;

/// <summary><c>modular plugins report</c>: how a candidate does beside the plugin it is tried against.</summary>
internal static class ReportCommand
{
    private static readonly (string Figure, string Label, string Unit)[] Figures =
    [
        ("pods", "pods asked for", ""),
        ("placed", "placed", ""),
        ("notPlaced", "fitted nowhere", ""),
        ("failures", "failed batches", ""),
        ("overcommitted", "overcommitted", ""),
        ("batchMillisecondsP50", "batch, median", " ms"),
        ("batchMillisecondsP99", "batch, 99 %", " ms"),
        ("nodesUsed", "nodes used", ""),
        ("cpuPercent", "CPU of them", " %"),
        ("memoryPercent", "memory of them", " %"),
    ];

    public static Command Create()
    {
        var name = new Argument<string>("name") { Description = "The candidate, as 'plugins ls' shows it" };
        var command = new Command("report", "Show how a candidate does beside the plugin it is tried against") { name };
        command.SetAction(async (result, cancellationToken) =>
        {
            using var api = ClientOptions.Connect(result);
            var candidate = result.GetRequiredValue(name);
            var plugin = await PluginsCommand.GetAsync(api, candidate, cancellationToken);
            if (plugin["spec"]!["trial"] is not JsonObject trial)
            {
                throw new CommandException($"{candidate} is no candidate; 'modular plugins try {candidate} PLUGIN' tries one beside it");
            }

            Print(candidate, trial, plugin["status"] as JsonObject ?? []);
            return 0;
        });
        return command;
    }

    private static void Print(string candidate, JsonObject trial, JsonObject status)
    {
        var selector = trial["selector"]?.GetValue<string>() is { Length: > 0 } text ? $" with {text}" : "";
        Console.WriteLine($"{candidate} is a {trial["mode"]} for {trial["share"]} % of the pods{selector}: {status["phase"]}");
        foreach (var condition in (status["conditions"] as JsonArray ?? []).Where(c => c!["type"]!.GetValue<string>() == "RolledBack"))
        {
            Console.WriteLine($"rolled back: {condition!["message"]}");
        }

        if (status["trial"]?["report"] is not JsonObject report)
        {
            Console.WriteLine("it was asked for nothing yet");
            return;
        }

        var (live, tried) = (report["live"]!.AsObject(), report["candidate"]!.AsObject());
        TablePrinter.Print(Console.Out,
        [
            ["", "LIVE", "CANDIDATE"],
            ["scheduler", Text(live["scheduler"]), Text(tried["scheduler"])],
            .. Figures.Where(f => tried[f.Figure] is not null || live[f.Figure] is not null)
                .Select(f => (IReadOnlyList<string>)[f.Label, Text(live[f.Figure], f.Unit), Text(tried[f.Figure], f.Unit)]),
        ]);
        foreach (var (side, figures) in new[] { ("live", live), ("candidate", tried) })
        {
            if (Text(figures["lastError"]) is { Length: > 0 } error)
            {
                Console.WriteLine($"last failure of the {side}: {error}");
            }
        }

        var compared = Number(report["compared"]);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"since {report["since"]}{(compared > 0 ? $"; the same node for {100.0 * Number(report["sameNode"]) / compared:0.#} % of {compared} pods" : "")}{Skipped(report)}"));
        foreach (var difference in report["differences"] as JsonArray ?? [])
        {
            Console.WriteLine($"  {difference!["pod"]}: {Node(difference["live"])}, candidate: {Node(difference["candidate"])}");
        }
    }

    private static string Skipped(JsonObject report) => Number(report["skipped"]) is > 0 and var pods ? $"; {pods} pods came too fast for it" : "";

    private static string Node(JsonNode? node) => Text(node) is { Length: > 0 } name ? name : "nowhere";

    private static string Text(JsonNode? value, string unit = "") => value is null ? "" : $"{value}{unit}";

    private static long Number(JsonNode? value) => value is null ? 0 : value.GetValue<long>();
}
