using System.CommandLine;
using System.Text.Json.Nodes;
using Modular.Host.Client;
using Modular.Host.Cluster;
using Modular.Host.Output;

namespace Modular.Host.Commands;

/// <summary><c>modular status</c>: whether the cluster serves, what it is made of and what it costs.</summary>
internal static class StatusCommand
{
    public static Command Create()
    {
        var command = new Command("status", "Show whether the cluster serves, its nodes, plugins and memory");
        command.SetAction(async (result, cancellationToken) =>
        {
            using var api = ClientOptions.Connect(result);
            var ready = await IsReadyAsync(api, cancellationToken);
            Console.WriteLine($"API      {api.Server} {(ready ? "ready" : "not ready")}");
            PrintProcesses(ClientOptions.Directory(result));
            await PrintNodesAsync(api, cancellationToken);
            var table = await api.SendAsync(
                HttpMethod.Get, PluginsCommand.Path, null, "", cancellationToken, "application/json;as=Table;v=v1;g=meta.k8s.io");
            Console.WriteLine();
            new TablePrinter(Console.Out, wide: true, withNamespace: false).Print(table);
            return ready ? 0 : 1;
        });
        return command;
    }

    private static async Task<bool> IsReadyAsync(ApiConnection api, CancellationToken cancellationToken)
    {
        try
        {
            await using var answer = await api.OpenAsync("/readyz", cancellationToken);
            return true;
        }
        catch (ApiFailure)
        {
            return false;
        }
    }

    private static async Task PrintNodesAsync(ApiConnection api, CancellationToken cancellationToken)
    {
        var nodes = await api.GetAsync("/api/v1/nodes", cancellationToken);
        foreach (var node in nodes["items"]!.AsArray())
        {
            var ready = (node!["status"]?["conditions"] as JsonArray)?.FirstOrDefault(c => c!["type"]?.GetValue<string>() == "Ready");
            var state = ready?["status"]?.GetValue<string>() == "True" ? "Ready" : "NotReady";
            Console.WriteLine($"Node     {node["metadata"]!["name"]} {state} {ready?["message"]}");
        }
    }

    private static void PrintProcesses(ClusterDirectory directory)
    {
        var processes = ClusterProcesses.Find(directory);
        if (processes.Count == 0)
        {
            return;
        }

        var parts = processes.Select(p => $"{p.Role} (pid {p.Process.Pid}) {MemoryUse.ProportionalMegabytes(p.Process.Pid):0} MB");
        Console.WriteLine($"Memory   {string.Join(", ", parts)}; {processes.Sum(p => MemoryUse.ProportionalMegabytes(p.Process.Pid)):0} MB in all (PSS)");
    }
}
