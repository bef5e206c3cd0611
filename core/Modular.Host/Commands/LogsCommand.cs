using System.CommandLine;

namespace Modular.Host.Commands;

/// <summary><c>modular logs</c>: what a container wrote.</summary>
internal static class LogsCommand
{
    public static Command Create()
    {
        var pod = new Argument<string>("pod") { Description = "The pod's name" };
        var container = new Option<string>("--container", "-c") { Description = "The container; needed if the pod has several" };
        var follow = new Option<bool>("--follow", "-f") { Description = "Go on with what is written" };
        var previous = new Option<bool>("--previous", "-p") { Description = "The instance before the last restart" };
        var timestamps = new Option<bool>("--timestamps") { Description = "Each line with its time" };
        var tail = new Option<int?>("--tail") { Description = "Only the last lines" };
        var since = new Option<int?>("--since-seconds") { Description = "Only lines younger than this" };
        var limit = new Option<int?>("--limit-bytes") { Description = "At most this many bytes" };
        var command = new Command("logs", "Print what a container wrote")
        {
            pod, ClientOptions.Namespace, container, follow, previous, timestamps, tail, since, limit,
        };
        command.SetAction(async (result, cancellationToken) =>
        {
            using var api = ClientOptions.Connect(result);
            var query = new List<string>();
            Add(query, "container", result.GetValue(container));
            Add(query, "follow", result.GetValue(follow));
            Add(query, "previous", result.GetValue(previous));
            Add(query, "timestamps", result.GetValue(timestamps));
            Add(query, "tailLines", result.GetValue(tail));
            Add(query, "sinceSeconds", result.GetValue(since));
            Add(query, "limitBytes", result.GetValue(limit));
            var name = result.GetRequiredValue(pod);
            name = name.StartsWith("pod/", StringComparison.Ordinal) ? name[4..] : name;
            var ns = ClientOptions.NamespaceOf(result, api);
            var path = $"/api/v1/namespaces/{Uri.EscapeDataString(ns)}/pods/{Uri.EscapeDataString(name)}/log?{string.Join('&', query)}";
            await using var log = await api.OpenAsync(path, cancellationToken);
            await using var output = Console.OpenStandardOutput();
            await log.CopyToAsync(output, cancellationToken);
            return 0;
        });
        return command;
    }

    private static void Add(List<string> query, string name, object? value)
    {
        if (value is not (null or false))
        {
            query.Add($"{name}={Uri.EscapeDataString(value is true ? "true" : value.ToString()!)}");
        }
    }
}
