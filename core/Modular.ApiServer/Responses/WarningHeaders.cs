using System.Text;

namespace Modular.ApiServer;

/// <summary>Writes the Warning headers that kubectl prints.</summary>
internal static class WarningHeaders
{
    /// <summary>Adds a header for each text.</summary>
    public static void Add(HttpResponse response, IReadOnlyList<string> warnings)
    {
        foreach (var warning in warnings)
        {
            response.Headers.Append("Warning", $"299 - \"{Escape(warning)}\"");
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
