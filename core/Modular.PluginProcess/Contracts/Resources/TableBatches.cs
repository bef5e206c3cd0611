using System.Text.Json;
using System.Text.Json.Nodes;
using Modular.Abstractions;
using Modular.ApiMachinery;
using Protocol = Modular.PluginProcess.Protocol;

namespace Modular.PluginProcess.Contracts;

/// <summary>Tables as messages: so many objects at a time that a message stays of moderate size.</summary>
internal static class TableBatches
{
    private const int BatchBytes = 4 * 1024 * 1024;

    private static readonly JsonDocumentOptions Scalar = new() { MaxDepth = 1 };

    public static IEnumerable<IReadOnlyList<ApiObject>> Of(IReadOnlyList<ApiObject> objects)
    {
        var batch = new List<ApiObject>();
        var bytes = 0;
        foreach (var obj in objects)
        {
            batch.Add(obj);
            bytes += obj.Body.Length;
            if (bytes >= BatchBytes)
            {
                yield return batch;
                (batch, bytes) = ([], 0);
            }
        }

        if (batch.Count > 0)
        {
            yield return batch;
        }
    }

    /// <returns>Null if these are no cells of so many rows and columns.</returns>
    public static IReadOnlyList<IReadOnlyList<JsonNode?>>? Read(Protocol.RenderReply reply, int rows, int columns)
    {
        if (reply.Rows.Count != rows || reply.Rows.Any(row => row.Cells.Count != columns))
        {
            return null;
        }

        try
        {
            return [.. reply.Rows.Select(row => (IReadOnlyList<JsonNode?>)[.. row.Cells.Select(Read)])];
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>What a row shows whose renderer is not there: the name, which everybody knows, and that the rest is not known.</summary>
    public static IReadOnlyList<JsonNode?> Unknown(ApiObject obj, ResourceDefinition definition) =>
        [.. definition.Columns.Select(column => (JsonNode?)JsonValue.Create(column.Format == "name" ? obj.Metadata.Name : "<unknown>"))];

    private static JsonNode? Read(string cell) =>
        JsonNode.Parse(cell, documentOptions: Scalar) switch
        {
            null => null,
            JsonValue value => value,
            _ => throw new JsonException("no scalar"),
        };
}
