using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Modular.Host.Output;

/// <summary>The part of kubectl's JSONPath that names one value: members and indices, such as {.status.containerStatuses[0].ready}.</summary>
internal sealed partial class ObjectPath
{
    private readonly IReadOnlyList<string> _steps;

    private ObjectPath(IReadOnlyList<string> steps) => _steps = steps;

    /// <exception cref="CommandException">It is another kind of path.</exception>
    public static ObjectPath Parse(string text)
    {
        var match = Form().Match(text);
        return match.Success
            ? new ObjectPath([.. match.Groups["step"].Captures.Select(capture => capture.Value)])
            : throw new CommandException($"{text}: only members and indices are understood, such as {{.status.containerStatuses[0].ready}}");
    }

    /// <summary>The value as text; null if there is none.</summary>
    public string? Find(JsonNode? node)
    {
        foreach (var step in _steps)
        {
            node = node switch
            {
                JsonObject obj => obj[step],
                JsonArray array when int.TryParse(step, CultureInfo.InvariantCulture, out var index) && index < array.Count => array[index],
                _ => null,
            };
        }

        return node?.ToString();
    }

    [GeneratedRegex(@"^\{(\.(?<step>[^.\[\]{}]+)(\[(?<step>\d+)\])*)+\}$", RegexOptions.ExplicitCapture)]
    private static partial Regex Form();
}
