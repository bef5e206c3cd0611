using System.Text.Json.Nodes;
using Modular.Host.Client;

namespace Modular.Host.Demo;

/// <summary>A pod as the demo looks at it.</summary>
internal sealed record PodView(string Name, string Uid, string Phase, bool Ready, string Ip, int Restarts, string Owner, string Node)
{
    public bool Serves => Phase == "Running" && Ready;

    public static PodView From(JsonObject pod)
    {
        var metadata = pod["metadata"]!;
        var status = pod["status"];
        var statuses = status?["containerStatuses"] as JsonArray ?? [];
        return new PodView(
            metadata["name"]!.GetValue<string>(),
            metadata["uid"]!.GetValue<string>(),
            metadata["deletionTimestamp"] is not null ? "Terminating" : status?["phase"]?.GetValue<string>() ?? "",
            (status?["conditions"] as JsonArray)?.Any(c => c!["type"]!.GetValue<string>() == "Ready" && c["status"]!.GetValue<string>() == "True") == true,
            status?["podIP"]?.GetValue<string>() ?? "",
            statuses.Sum(c => c!["restartCount"]?.GetValue<int>() ?? 0),
            (metadata["ownerReferences"] as JsonArray)?.FirstOrDefault()?["name"]?.GetValue<string>() ?? "",
            pod["spec"]?["nodeName"]?.GetValue<string>() ?? "");
    }
}

/// <summary>Waits, by watching, until the pods of a selection look as a step of the story expects.</summary>
internal sealed class PodWatcher(ApiConnection api, TimeSpan patience)
{
    /// <summary>The pods once they look as expected, or as they are when patience ends.</summary>
    public async Task<(IReadOnlyList<PodView> Pods, bool Reached)> UntilAsync(
        string selector, Func<IReadOnlyList<PodView>, bool> expected, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(patience);
        var pods = new Dictionary<string, PodView>(StringComparer.Ordinal);
        try
        {
            while (true)
            {
                var path = $"/api/v1/namespaces/default/pods?labelSelector={Uri.EscapeDataString(selector)}";
                var list = await api.GetAsync(path, deadline.Token);
                pods = list["items"]!.AsArray().Select(p => PodView.From(p!.AsObject())).ToDictionary(p => p.Name, StringComparer.Ordinal);
                if (expected([.. pods.Values]))
                {
                    return ([.. pods.Values], true);
                }

                await foreach (var change in api.WatchAsync(
                    $"{path}&watch=true&resourceVersion={list["metadata"]!["resourceVersion"]}", "application/json", deadline.Token))
                {
                    if (change["type"]!.GetValue<string>() is not ("ADDED" or "MODIFIED" or "DELETED"))
                    {
                        break;
                    }

                    var pod = PodView.From(change["object"]!.AsObject());
                    if (change["type"]!.GetValue<string>() == "DELETED")
                    {
                        pods.Remove(pod.Name);
                    }
                    else
                    {
                        pods[pod.Name] = pod;
                    }

                    if (expected([.. pods.Values]))
                    {
                        return ([.. pods.Values], true);
                    }
                }
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return ([.. pods.Values], false);
        }
    }
}
