using System.Text;

namespace Modular.ApiServer;

/// <summary>Writes the Warning headers that kubectl prints.</summary>
internal static class WarningHeaders
{
    // As in Kubernetes: headers beyond this break clients.
    private const int MostTold = 4096;
    private const int MostToldOfOne = 256;

    /// <summary>Adds a header for each text; where they are too long in all, for the first ones, cut short.</summary>
    public static void Add(HttpResponse response, IReadOnlyList<string> warnings)
    {
        var cuts = warnings.Sum(static warning => (long)warning.Length) > MostTold;
        var told = 0;
        foreach (var warning in warnings)
        {
            var text = cuts && warning.Length > MostToldOfOne ? warning[..MostToldOfOne] : warning;
            told += text.Length;
            if (told > MostTold)
            {
                break;
            }

            response.Headers.Append("Warning", $"299 - \"{Escape(text)}\"");
        }
    }

    private static string Escape(string text)
    {
        var escaped = new StringBuilder(text.Length + 8);
        foreach (var c in text)
        {
            if (c is '"' or '\\')
            {
                escaped.Append('\\');
            }

            escaped.Append(char.IsControl(c) ? ' ' : c);
        }

        return escaped.ToString();
    }
}
