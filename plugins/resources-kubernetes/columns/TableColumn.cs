using System.Text.Json;
using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Columns;

/// <summary>A column, and what its cell is for an object at a time.</summary>
internal sealed record TableColumn(ResourceColumn Column, Func<JsonElement, DateTimeOffset, JsonNode?> Cell)
{
    public static TableColumn Name { get; } = new(TableCells.Name, (obj, _) => TableCells.NameOf(obj));

    public static TableColumn Age { get; } = new(TableCells.Age, (obj, now) => TableCells.AgeOf(obj, now));

    /// <summary>The same column, shown on demand only.</summary>
    public TableColumn Wide => this with { Column = Column with { Priority = 1 } };

    /// <summary>A text that is told from the object.</summary>
    public static TableColumn Of(string name, string description, Func<JsonElement, string> cell) =>
        new(new(name, "string", "", description), (obj, _) => cell(obj));

    /// <summary>The text at a path; empty if there is none.</summary>
    public static TableColumn Text(string name, string description, string path) => Of(name, description, obj => obj.GetString(path) ?? "");

    /// <summary>The text at a path, or that there is none.</summary>
    public static TableColumn TextOrNone(string name, string description, string path) => Of(name, description, obj => TableCells.TextOrNone(obj, path));

    /// <summary>The number at a path; 0 if there is none.</summary>
    public static TableColumn Number(string name, string description, string path) =>
        new(new(name, "integer", "", description), (obj, _) => TableCells.Number(obj, path));

    /// <summary>The number at a path as text, or that there is none.</summary>
    public static TableColumn NumberOrNone(string name, string description, string path) =>
        Of(name, description, obj => TableCells.OrNone(obj.GetInt64(path)?.ToString(System.Globalization.CultureInfo.InvariantCulture)));

    /// <summary>How many entries a list or map has.</summary>
    public static TableColumn Count(string name, string description, params string[] paths) =>
        new(new(name, "integer", "", description), (obj, _) => paths.Sum(path => TableCells.CountOf(obj, path)));

    /// <summary>The truth at a path; false if nothing is said.</summary>
    public static TableColumn Flag(string name, string description, string path, bool otherwise = false) =>
        new(new(name, "boolean", "", description), (obj, _) => obj.GetBoolean(path) ?? otherwise);

    /// <summary>How long ago the time at a path was.</summary>
    public static TableColumn Since(string name, string description, Func<JsonElement, string?> time, string otherwise = TableCells.Unknown) =>
        new(new(name, "string", "", description), (obj, now) => time(obj) is { } text ? TableCells.Since(text, now) : otherwise);
}
