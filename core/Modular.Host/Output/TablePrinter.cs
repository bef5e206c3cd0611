using System.Text.Json;
using System.Text.Json.Nodes;

namespace Modular.Host.Output;

/// <summary>Prints the tables a server sends, in columns as wide as their widest cell.</summary>
internal sealed class TablePrinter(TextWriter output, bool wide, bool withNamespace, bool showLabels = false)
{
    private const int Gap = 3;

    private List<int>? _widths;

    /// <summary>Prints rows; the headings only before the first ones. A name prefix such as <c>pod/</c> tells kinds apart.</summary>
    public void Print(JsonObject table, string namePrefix = "")
    {
        var columns = table["columnDefinitions"] is JsonArray definitions
            ? definitions.Select((d, i) => (Index: i, Definition: d!.AsObject())).Where(Shown).ToList()
            : [];
        var rows = (table["rows"] as JsonArray ?? []).Select(row => Cells(row!.AsObject(), columns, namePrefix)).ToList();
        if (_columns is null && columns.Count > 0)
        {
            _columns = columns;
            var headings = columns.Select(c => c.Definition["name"]!.GetValue<string>().ToUpperInvariant()).ToList();
            if (withNamespace)
            {
                headings.Insert(0, "NAMESPACE");
            }

            if (showLabels)
            {
                headings.Add("LABELS");
            }

            PrintRows([headings, .. rows]);
            return;
        }

        if (columns.Count == 0 && _columns is not null)
        {
            rows = (table["rows"] as JsonArray ?? []).Select(row => Cells(row!.AsObject(), _columns, namePrefix)).ToList();
        }

        PrintRows(rows);
    }

    /// <summary>Prints plain rows, the first being headings.</summary>
    public static void Print(TextWriter output, IReadOnlyList<IReadOnlyList<string>> rows) =>
        new TablePrinter(output, wide: false, withNamespace: false).PrintRows(rows);

    private List<(int Index, JsonObject Definition)>? _columns;

    private bool Shown((int Index, JsonObject Definition) column) => wide || (column.Definition["priority"]?.GetValue<int>() ?? 0) == 0;

    private List<string> Cells(JsonObject row, List<(int Index, JsonObject Definition)> columns, string namePrefix)
    {
        var values = row["cells"]!.AsArray();
        var cells = columns.Select(c => Text(values[c.Index], c.Definition)).ToList();
        if (cells.Count > 0 && columns[0].Definition["format"]?.GetValue<string>() == "name")
        {
            cells[0] = namePrefix + cells[0];
        }

        var metadata = row["object"]?["metadata"];
        if (withNamespace)
        {
            cells.Insert(0, metadata?["namespace"]?.GetValue<string>() ?? "");
        }

        if (showLabels)
        {
            cells.Add(metadata?["labels"] is JsonObject labels
                ? string.Join(",", labels.Select(l => $"{l.Key}={l.Value}").Order(StringComparer.Ordinal)) : "<none>");
        }

        return cells;
    }

    private static string Text(JsonNode? cell, JsonObject column) => cell switch
    {
        null => "<none>",
        JsonValue value when value.GetValueKind() == JsonValueKind.String => Plain(value.GetValue<string>(), column),
        _ => cell.ToJsonString(),
    };

    private static string Plain(string value, JsonObject column) =>
        column["type"]?.GetValue<string>() == "date" && DateTimeOffset.TryParse(value, out var time)
            ? ApiMachinery.HumanDuration.Format(DateTimeOffset.UtcNow - time)
            : value.Replace('\n', ' ');

    private void PrintRows(IReadOnlyList<IReadOnlyList<string>> rows)
    {
        if (rows.Count == 0)
        {
            return;
        }

        _widths ??= [.. Enumerable.Repeat(0, rows[0].Count)];
        foreach (var row in rows)
        {
            for (var i = 0; i < row.Count && i < _widths.Count; i++)
            {
                _widths[i] = Math.Max(_widths[i], row[i].Length);
            }
        }

        foreach (var row in rows)
        {
            for (var i = 0; i < row.Count; i++)
            {
                output.Write(i == row.Count - 1 ? row[i] : row[i].PadRight(_widths[i] + Gap));
            }

            output.Write('\n');
        }

        output.Flush();
    }
}
