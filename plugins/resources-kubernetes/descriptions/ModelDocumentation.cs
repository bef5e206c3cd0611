using System.Text;
using System.Xml;

namespace Modular.Descriptions;

/// <summary>What the package's documentation says of its models, which are the API's types by other names.</summary>
internal sealed class ModelDocumentation
{
    private const string Models = "k8s.Models.";

    // Names that C# keeps for itself or has taken get one of these behind them.
    private static readonly string[] Suffixes = ["", "property", "value"];

    private readonly Dictionary<string, string> _summaries = new(StringComparer.OrdinalIgnoreCase);

    private ModelDocumentation()
    {
    }

    /// <summary>Reads the summaries of models and their properties.</summary>
    public static ModelDocumentation Read(Stream xml)
    {
        var documentation = new ModelDocumentation();
        using var reader = XmlReader.Create(xml);
        while (reader.ReadToFollowing("member"))
        {
            var name = reader.GetAttribute("name") ?? "";
            if (name.Length > 2 && name[0] is 'T' or 'P' && name.AsSpan(2).StartsWith(Models) && reader.ReadToDescendant("summary"))
            {
                documentation._summaries[name[(2 + Models.Length)..]] = Unwrap(reader.ReadInnerXml());
            }
        }

        return documentation;
    }

    /// <summary>The model of a type such as <c>core.v1.Event</c>: V1Event, or Corev1Event if several groups have one; empty if there is none.</summary>
    public string ModelOf(string type)
    {
        var parts = type.Split('.');
        if (parts.Length < 3)
        {
            return "";
        }

        var model = parts[^2] + parts[^1];
        return _summaries.ContainsKey(model) ? model : _summaries.ContainsKey(parts[^3] + model) ? parts[^3] + model : "";
    }

    /// <summary>The description of a model; empty if there is none.</summary>
    public string OfModel(string model) => _summaries.GetValueOrDefault(model, "");

    /// <summary>The description of a field by its name in JSON; empty if there is none.</summary>
    public string OfField(string model, string field)
    {
        var property = string.Concat(field.Where(char.IsAsciiLetterOrDigit));
        foreach (var suffix in Suffixes)
        {
            if (_summaries.TryGetValue($"{model}.{property}{suffix}", out var summary))
            {
                return summary;
            }
        }

        return "";
    }

    /// <summary>Takes back the line breaks that only keep lines short: those before a word that would not have fitted.</summary>
    internal static string Unwrap(string summary)
    {
        const int Width = 80;
        var text = new StringBuilder();
        var length = 0;
        foreach (var raw in System.Net.WebUtility.HtmlDecode(summary).Trim().Split('\n'))
        {
            var line = raw.Trim();
            if (text.Length > 0)
            {
                var word = line.IndexOf(' ', StringComparison.Ordinal) is var space and >= 0 ? space : line.Length;
                text.Append(length > 0 && line.Length > 0 && length + 1 + word > Width ? ' ' : '\n');
            }

            text.Append(line);
            length = line.Length;
        }

        return text.ToString();
    }
}
