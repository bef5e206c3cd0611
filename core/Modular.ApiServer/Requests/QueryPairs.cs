using Microsoft.AspNetCore.WebUtilities;

namespace Modular.ApiServer;

/// <summary>Decodes a query into its pairs, in order, repeated names kept.</summary>
internal static class QueryPairs
{
    public static IReadOnlyList<KeyValuePair<string, string>> Read(QueryString query)
    {
        if (!query.HasValue)
        {
            return [];
        }

        var pairs = new List<KeyValuePair<string, string>>();
        foreach (var pair in new QueryStringEnumerable(query.Value))
        {
            pairs.Add(new(pair.DecodeName().ToString(), pair.DecodeValue().ToString()));
        }

        return pairs;
    }
}
