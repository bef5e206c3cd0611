namespace Modular.EndToEnd;

/// <summary>The resources of Kubernetes' stable groups, from the table that the kinds are made of.</summary>
internal static class KubernetesTable
{
    private static string File => Path.Combine(Repository.Root, "plugins", "resources-kubernetes", "table", "resources.txt");

    /// <summary>Reads them all.</summary>
    public static IReadOnlyList<TableResource> Read()
    {
        var resources = new List<TableResource>();
        foreach (var line in System.IO.File.ReadLines(File))
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words is ["resource", ..])
            {
                resources.Add(new TableResource(words[1], Value(words, "kind")[0], Value(words, "verbs"), []));
            }
            else if (words is ["subresource", ..])
            {
                resources[^1].Subresources.Add(new TableSubresource(words[1], Value(words, "verbs")));
            }
        }

        return resources;
    }

    private static string[] Value(string[] words, string name) =>
        words.First(word => word.StartsWith($"{name}=", StringComparison.Ordinal))[(name.Length + 1)..].Split(',');
}

/// <summary>A resource of the table.</summary>
/// <param name="Name">Its version and plural, such as v1/pods.</param>
/// <param name="Kind">The kind of its objects.</param>
/// <param name="Verbs">What Kubernetes does with them.</param>
/// <param name="Subresources">Their parts and actions.</param>
internal sealed record TableResource(string Name, string Kind, IReadOnlyList<string> Verbs, List<TableSubresource> Subresources)
{
    public string ApiVersion => Name[..Name.LastIndexOf('/')];

    public string Plural => Name[(Name.LastIndexOf('/') + 1)..];
}

/// <summary>A part or an action of a resource in the table.</summary>
internal sealed record TableSubresource(string Name, IReadOnlyList<string> Verbs);
