using System.CommandLine;
using System.Text.Json.Nodes;
using Modular.Host.Client;

namespace Modular.Host.Commands;

/// <summary><c>modular apply</c>: creates what is not there and changes what is, by the difference to what was applied last.</summary>
internal static class ApplyCommand
{
    private const string LastApplied = "kubectl.kubernetes.io/last-applied-configuration";

    public static Command Create()
    {
        var files = new Option<string[]>("--filename", "-f") { Description = "Files, folders, or - for standard input", Required = true };
        var dryRun = new Option<bool>("--dry-run") { Description = "Let the server check everything and store nothing" };
        var command = new Command("apply", "Create or change objects from files") { files, ClientOptions.Namespace, dryRun };
        command.SetAction(async (result, cancellationToken) =>
        {
            var objects = ManifestReader.Read(result.GetRequiredValue(files));
            using var api = ClientOptions.Connect(result);
            var mapper = await ResourceMapper.LoadAsync(api, cancellationToken);
            var failed = false;
            foreach (var obj in objects)
            {
                var resource = mapper.FindKind(obj["apiVersion"]!.GetValue<string>(), obj["kind"]!.GetValue<string>());
                var ns = obj["metadata"]!["namespace"]?.GetValue<string>() ?? result.GetValue(ClientOptions.Namespace) ?? api.DefaultNamespace;
                try
                {
                    var outcome = await ApplyAsync(api, resource, ns, obj, result.GetValue(dryRun), cancellationToken);
                    Console.WriteLine($"{resource.DisplayName}/{obj["metadata"]!["name"]} {outcome}");
                }
                catch (ApiFailure e)
                {
                    await Console.Error.WriteLineAsync($"Error from server ({e.Reason}): {e.Message}");
                    failed = true;
                }
            }

            return failed ? 1 : 0;
        });
        return command;
    }

    private static async Task<string> ApplyAsync(
        ApiConnection api, DiscoveredResource resource, string ns, JsonObject wanted, bool dryRun, CancellationToken cancellationToken)
    {
        var name = wanted["metadata"]!["name"]?.GetValue<string>()
            ?? throw new CommandException("apply needs metadata.name; generateName works with create only");
        var parameters = "?fieldManager=modular-apply&fieldValidation=Strict" + (dryRun ? "&dryRun=All" : "");
        var suffix = dryRun ? " (server dry run)" : "";
        var recorded = Recorded(wanted);
        JsonObject live;
        try
        {
            live = await api.GetAsync(resource.Path(ns, name), cancellationToken);
        }
        catch (ApiFailure e) when (e.Code == 404)
        {
            await api.SendAsync(HttpMethod.Post, resource.Path(ns) + parameters, recorded, "", cancellationToken);
            return "created" + suffix;
        }

        var last = live["metadata"]?["annotations"]?[LastApplied]?.GetValue<string>();
        var patch = ThreeWayMerge.Patch(last is null ? null : JsonNode.Parse(last) as JsonObject, recorded, live);
        if (patch.Count == 0)
        {
            return "unchanged" + suffix;
        }

        var changed = await api.SendAsync(
            HttpMethod.Patch, resource.Path(ns, name) + parameters, patch, "application/merge-patch+json", cancellationToken);
        var same = changed["metadata"]!["resourceVersion"]!.GetValue<string>() == live["metadata"]!["resourceVersion"]!.GetValue<string>();
        return (same ? "unchanged" : "configured") + suffix;
    }

    private static JsonObject Recorded(JsonObject wanted)
    {
        var plain = wanted.DeepClone().AsObject();
        (plain["metadata"]!["annotations"] as JsonObject)?.Remove(LastApplied);
        var recorded = plain.DeepClone().AsObject();
        var metadata = recorded["metadata"]!.AsObject();
        var annotations = metadata["annotations"] as JsonObject ?? [];
        annotations[LastApplied] = plain.ToJsonString() + "\n";
        metadata["annotations"] = annotations.Parent is null ? annotations : annotations.DeepClone();
        return recorded;
    }
}
