using System.Text;

namespace Modular.ApiFuzzer;

/// <summary>A request as it is sent.</summary>
/// <param name="Method">The method.</param>
/// <param name="Target">Path and query, as they stand on the request line.</param>
/// <param name="Headers">The headers that matter.</param>
/// <param name="Body">The body; empty for none.</param>
internal sealed record FuzzRequest(string Method, string Target, IReadOnlyList<KeyValuePair<string, string>> Headers, byte[] Body)
{
    private const int MostShown = 8192;

    /// <summary>The path, without the query.</summary>
    public string Path => Target.IndexOf('?', StringComparison.Ordinal) is var at and >= 0 ? Target[..at] : Target;

    /// <summary>What a shell sends the same request with.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        if (Body.Length > 0)
        {
            text.Append("base64 -d <<< ").Append(Convert.ToBase64String(Body)).Append(" | ");
        }

        text.Append("curl --path-as-is -g -X ").Append(Quoted(Method)).Append(' ').Append(Quoted("http://SERVER" + Target));
        foreach (var (name, value) in Headers)
        {
            text.Append(" -H ").Append(Quoted($"{name}: {value}"));
        }

        if (Body.Length > 0)
        {
            text.Append(" --data-binary @-\n  body: ").Append(Shown(Body));
        }

        return text.ToString();
    }

    private static string Quoted(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    private static string Shown(byte[] body)
    {
        var text = Encoding.UTF8.GetString(body);
        return text.Length <= MostShown ? text : text[..MostShown] + "...";
    }
}
