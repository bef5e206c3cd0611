using System.CommandLine;
using System.Text.Json.Nodes;
using Modular.Host.Client;
using Modular.Host.Output;

namespace Modular.Host.Commands;

/// <summary><c>modular delete</c>: asks for deletion and waits until the objects are gone.</summary>
internal static class DeleteCommand
{
    public static Command Create()
    {
        var what = new Argument<string[]>("what") { Description = "TYPE NAME..., or TYPE/NAME...; TYPE with -l or --all", Arity = ArgumentArity.ZeroOrMore };
        var files = new Option<string[]>("--filename", "-f") { Description = "Delete what these files describe" };
        var all = new Option<bool>("--all") { Description = "All objects of the type" };
        var grace = new Option<int?>("--grace-period") { Description = "Seconds the object has to end; 0 for at once" };
        var wait = new Option<bool>("--wait") { Description = "Wait until the objects are gone", DefaultValueFactory = _ => true };
        var command = new Command("delete", "Delete objects")
        {
            what, files, ClientOptions.Namespace, ClientOptions.Selector, all, grace, wait,
        };
        command.SetAction(async (result, cancellationToken) =>
        {
            using var api = ClientOptions.Connect(result);
            var mapper = await ResourceMapper.LoadAsync(api, cancellationToken);
            var ns = ClientOptions.NamespaceOf(result, api);
            var targets = result.GetValue(files) is { Length: > 0 } manifests
                ? FromFiles(manifests, mapper, ns)
                : await SelectAsync(api, ObjectArgument.Read(result.GetValue(what) ?? [], mapper), ns,
                    result.GetValue(ClientOptions.Selector), result.GetValue(all), cancellationToken);
            var failed = false;
            foreach (var (resource, home, name) in targets)
            {
                try
                {
                    await DeleteAsync(api, resource, home, name, result.GetValue(grace), result.GetValue(wait), cancellationToken);
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

    private static List<(DiscoveredResource Resource, string Namespace, string Name)> FromFiles(string[] files, ResourceMapper mapper, string ns) =>
        [.. ManifestReader.Read(files).Select(obj => (
            mapper.FindKind(obj["apiVersion"]!.GetValue<string>(), obj["kind"]!.GetValue<string>()),
            obj["metadata"]!["namespace"]?.GetValue<string>() ?? ns,
            obj["metadata"]!["name"]!.GetValue<string>()))];

    private static async Task<List<(DiscoveredResource, string, string)>> SelectAsync(
        ApiConnection api, IReadOnlyList<ObjectArgument> targets, string ns, string? selector, bool all, CancellationToken cancellationToken)
    {
        var selected = new List<(DiscoveredResource, string, string)>();
        foreach (var target in targets)
        {
            if (target.Name.Length > 0)
            {
                selected.Add((target.Resource, ns, target.Name));
                continue;
            }

            if (string.IsNullOrEmpty(selector) && !all)
            {
                throw new CommandException($"name the {target.Resource.Plural} to delete, or select them with -l, or say --all");
            }

            var list = await api.GetAsync(target.Resource.Path(ns) + GetCommand.Query(selector, null), cancellationToken);
            selected.AddRange(list["items"]!.AsArray().Select(item => (
                target.Resource, item!["metadata"]!["namespace"]?.GetValue<string>() ?? "", item["metadata"]!["name"]!.GetValue<string>())));
        }

        return selected;
    }

    private static async Task DeleteAsync(
        ApiConnection api, DiscoveredResource resource, string ns, string name, int? grace, bool wait, CancellationToken cancellationToken)
    {
        var options = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "DeleteOptions", ["propagationPolicy"] = "Background" };
        if (grace is not null)
        {
            options["gracePeriodSeconds"] = grace;
        }

        var answer = await api.SendAsync(HttpMethod.Delete, resource.Path(ns, name), options, "", cancellationToken);
        Console.WriteLine($"{resource.DisplayName} \"{name}\" deleted");
        if (wait && answer["kind"]?.GetValue<string>() != "Status")
        {
            var uid = answer["metadata"]!["uid"]!.GetValue<string>();
            await using var progress = Progress.Start($"waiting for {resource.Singular} {name} to end");
            await ObjectWaiter.UntilGoneAsync(api, resource, ns, name, uid, cancellationToken);
        }
    }
}
