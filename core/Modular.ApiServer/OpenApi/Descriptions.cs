namespace Modular.ApiServer;

/// <summary>Reads what describes the schemas of many kinds.</summary>
internal static class Descriptions
{
    /// <summary>Asks each source once.</summary>
    public static async Task<IReadOnlyDictionary<string, string>> ReadAsync(IEnumerable<ResourceDefinition> resources, CancellationToken cancellationToken)
    {
        var all = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var source in resources.Select(resource => resource.Descriptions).OfType<ISchemaDescriptions>().Distinct())
        {
            foreach (var (name, text) in await source.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                all.TryAdd(name, text);
            }
        }

        return all;
    }
}
