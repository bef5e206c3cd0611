using System.Text.Json.Nodes;
using Modular.Host.Client;

namespace Modular.Host.Commands;

/// <summary>Waits for an object to reach a state, by watching it.</summary>
internal static class ObjectWaiter
{
    /// <summary>Waits until the object with this uid is gone; another of the same name does not count.</summary>
    public static Task UntilGoneAsync(
        ApiConnection api, DiscoveredResource resource, string ns, string name, string uid, CancellationToken cancellationToken) =>
        UntilAsync(api, resource, ns, name, obj => obj is null || obj["metadata"]!["uid"]!.GetValue<string>() != uid, cancellationToken);

    /// <summary>Waits until a condition on the object holds; it is asked with null while the object does not exist.</summary>
    public static async Task UntilAsync(
        ApiConnection api, DiscoveredResource resource, string ns, string name, Func<JsonObject?, bool> reached, CancellationToken cancellationToken)
    {
        var selection = $"{resource.Path(ns)}?fieldSelector=metadata.name%3D{Uri.EscapeDataString(name)}";
        while (true)
        {
            var list = await api.GetAsync(selection, cancellationToken);
            if (reached(list["items"]!.AsArray().FirstOrDefault() as JsonObject))
            {
                return;
            }

            var watch = $"{selection}&watch=true&resourceVersion={list["metadata"]!["resourceVersion"]}";
            await foreach (var change in api.WatchAsync(watch, "application/json", cancellationToken))
            {
                var type = change["type"]!.GetValue<string>();
                if (type == "ERROR")
                {
                    break;
                }

                if (type != "BOOKMARK" && reached(type == "DELETED" ? null : change["object"]!.AsObject()))
                {
                    return;
                }
            }
        }
    }
}
