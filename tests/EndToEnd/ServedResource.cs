using System.Text.Json.Nodes;

namespace Modular.EndToEnd;

/// <summary>A resource as discovery tells of it.</summary>
/// <param name="ApiVersion">Its group and version.</param>
/// <param name="Name">Its plural.</param>
/// <param name="Kind">The kind of its objects.</param>
/// <param name="Namespaced">Whether they live in namespaces.</param>
/// <param name="Verbs">What can be done with them.</param>
/// <param name="Subresources">Their parts and actions.</param>
internal sealed record ServedResource(
    string ApiVersion, string Name, string Kind, bool Namespaced, IReadOnlyList<string> Verbs, IReadOnlyList<ServedSubresource> Subresources)
{
    /// <summary>As in the table: v1/pods.</summary>
    public string Resource => $"{ApiVersion}/{Name}";

    /// <summary>Of all objects.</summary>
    public string AllPath => $"{Root(ApiVersion)}/{Name}";

    /// <summary>Of the objects of the namespace that tests use, or of all where there are no namespaces.</summary>
    public string Path => Namespaced ? $"{Root(ApiVersion)}/namespaces/default/{Name}" : AllPath;

    /// <summary>Asks a server for what it serves, but for its own group.</summary>
    public static async Task<IReadOnlyList<ServedResource>> DiscoverAsync(JsonRequests requests)
    {
        var versions = (await requests.GetAsync("/apis"))["groups"]!.AsArray()
            .SelectMany(group => group!["versions"]!.AsArray()).Select(version => (string)version!["groupVersion"]!)
            .Where(version => !version.StartsWith("modular.dev/", StringComparison.Ordinal)).Prepend("v1");
        var served = new List<ServedResource>();
        foreach (var version in versions)
        {
            var entries = (await requests.GetAsync(Root(version)))["resources"]!.AsArray().Select(resource => resource!.AsObject()).ToList();
            foreach (var entry in entries.Where(entry => !Text(entry, "name").Contains('/', StringComparison.Ordinal)))
            {
                var name = Text(entry, "name");
                served.Add(new ServedResource(version, name, Text(entry, "kind"), (bool)entry["namespaced"]!, Verbs(entry),
                [
                    .. entries.Where(other => Text(other, "name").StartsWith($"{name}/", StringComparison.Ordinal)).Select(other => new ServedSubresource(
                        Text(other, "name")[(name.Length + 1)..],
                        other["version"] is null ? version : $"{Text(other, "group")}/{Text(other, "version")}".TrimStart('/'),
                        Text(other, "kind"),
                        Verbs(other))),
                ]));
            }
        }

        return served;

        static string Text(JsonObject entry, string member) => (string)entry[member]!;
        static string[] Verbs(JsonObject entry) => [.. entry["verbs"]!.AsArray().Select(verb => (string)verb!)];
    }

    private static string Root(string apiVersion) => apiVersion == "v1" ? "/api/v1" : $"/apis/{apiVersion}";
}

/// <summary>A part or an action of a resource's objects.</summary>
internal sealed record ServedSubresource(string Name, string ApiVersion, string Kind, IReadOnlyList<string> Verbs);
