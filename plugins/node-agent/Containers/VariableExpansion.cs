using System.Text;

namespace Modular.Plugins.NodeAgent.Containers;

/// <summary>$(NAME) in commands, arguments and values; $$ stands for a dollar sign, and names that are not known stay as they are.</summary>
internal static class VariableExpansion
{
    /// <param name="text">The text.</param>
    /// <param name="variables">What is known.</param>
    /// <param name="missing">Gets the names that are not known; null if nobody asks.</param>
    public static string Expand(string text, IReadOnlyDictionary<string, string> variables, ICollection<string>? missing = null)
    {
        if (!text.Contains('$'))
        {
            return text;
        }

        var result = new StringBuilder(text.Length);
        for (var at = 0; at < text.Length; at++)
        {
            var next = at + 1 < text.Length ? text[at + 1] : '\0';
            if (text[at] != '$' || next is not ('$' or '('))
            {
                result.Append(text[at]);
            }
            else if (next == '$')
            {
                result.Append('$');
                at++;
            }
            else if (text.IndexOf(')', at) is > 0 and var end)
            {
                var name = text[(at + 2)..end];
                if (variables.TryGetValue(name, out var value))
                {
                    result.Append(value);
                }
                else
                {
                    missing?.Add(name);
                    result.Append(text, at, end + 1 - at);
                }

                at = end;
            }
            else
            {
                result.Append('$');
            }
        }

        return result.ToString();
    }
}
