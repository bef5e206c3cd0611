using System.Globalization;
using System.Text;

namespace Modular.EndToEnd;

/// <summary>Writes docs/kubernetes-api.md: the resources of Kubernetes' stable groups, and of each what works.</summary>
internal static class ApiPage
{
    private static readonly string[] AllVerbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

    /// <summary>The page.</summary>
    /// <param name="worked">By resource: the verbs that work, those of subresources as SUBRESOURCE VERB.</param>
    public static string Write(IReadOnlyDictionary<string, IReadOnlySet<string>> worked)
    {
        var groups = KubernetesTable.Read().GroupBy(resource => resource.ApiVersion, StringComparer.Ordinal).OrderBy(group => group.Key, StringComparer.Ordinal).ToList();
        var text = new StringBuilder();
        text.Append(
            """
            # The Kubernetes API that is served

            A test asked a running server: [KindsTests](../tests/EndToEnd/KindsTests.cs) takes each verb that discovery lists and tries it, then compares with all resources that the stable
            groups of Kubernetes 1.36 have. [CONTRIBUTING.md](../CONTRIBUTING.md#how-to-work) says how to write this page anew.

            What is served is stored, checked, watched and shown as Kubernetes does; which kinds are also carried out is
            [said elsewhere](../plugins/resources-kubernetes/README.md#limits). *All* verbs are create, delete, deletecollection, get, list, patch, update and watch.
            Streams (log, exec and other connections) are tried here only as far as a cluster without nodes goes; others of the [tests](../tests/EndToEnd) use them.


            """);
        var all = groups.SelectMany(group => group).ToList();
        text.Append(CultureInfo.InvariantCulture, $"{all.Count(resource => worked.ContainsKey(resource.Name))} of {all.Count} resources are served, ");
        text.Append(CultureInfo.InvariantCulture, $"and {all.Sum(resource => resource.Subresources.Count(part => Works(worked, resource, part).Any()))} of {all.Sum(resource => resource.Subresources.Count)} subresources.\n");
        foreach (var group in groups)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n## {group.Key}\n\n| resource | kind | verbs | subresources | missing |\n|---|---|---|---|---|\n");
            foreach (var resource in group.OrderBy(resource => resource.Name, StringComparer.Ordinal))
            {
                text.Append(Row(resource, worked));
            }
        }

        return text.ToString();
    }

    private static string Row(TableResource resource, IReadOnlyDictionary<string, IReadOnlySet<string>> worked)
    {
        var verbs = worked.GetValueOrDefault(resource.Name)?.Where(verb => !verb.Contains(' ', StringComparison.Ordinal)).ToList() ?? [];
        var parts = resource.Subresources.Select(part => (part.Name, Verbs: Works(worked, resource, part).ToList())).Where(part => part.Verbs.Count > 0)
            .Select(part => $"{part.Name} ({Words(part.Verbs)})");
        return $"| {resource.Plural} | {resource.Kind} | {Verbs(verbs)} | {string.Join(", ", parts)} | {string.Join("; ", Missing(resource, worked))} |\n";
    }

    private static IEnumerable<string> Missing(TableResource resource, IReadOnlyDictionary<string, IReadOnlySet<string>> worked)
    {
        if (!worked.TryGetValue(resource.Name, out var works))
        {
            yield return $"all: {MissingReasons.Of(resource.Name)}";
            yield break;
        }

        if (resource.Verbs.Where(verb => !works.Contains(verb)).ToList() is { Count: > 0 } verbs)
        {
            yield return $"{Words(verbs)}: {MissingReasons.Of(resource.Name)}";
        }

        foreach (var part in resource.Subresources)
        {
            if (part.Verbs.Where(verb => !works.Contains($"{part.Name} {verb}")).ToList() is { Count: > 0 } missing)
            {
                yield return $"{part.Name}{(missing.Count == part.Verbs.Count ? "" : $" ({Words(missing)})")}: {MissingReasons.Of($"{resource.Name}/{part.Name}")}";
            }
        }
    }

    private static IEnumerable<string> Works(IReadOnlyDictionary<string, IReadOnlySet<string>> worked, TableResource resource, TableSubresource part) =>
        part.Verbs.Where(verb => worked.TryGetValue(resource.Name, out var works) && works.Contains($"{part.Name} {verb}"));

    private static string Verbs(List<string> verbs) => AllVerbs.All(verbs.Contains) ? "all" : Words(verbs);

    private static string Words(IEnumerable<string> verbs) => string.Join(", ", verbs.Order(StringComparer.Ordinal));
}
