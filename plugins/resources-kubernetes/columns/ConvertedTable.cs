using System.Text.Json;
using System.Text.Json.Nodes;

namespace Modular.Plugins.ResourcesKubernetes.Columns;

/// <summary>The table of a kind that is stored as another: the stored kind's, of what the object is there.</summary>
internal sealed class ConvertedTable(IKindTable stored, IObjectConversion conversion) : IKindTable
{
    public IReadOnlyList<ResourceColumn> Columns => stored.Columns;

    public void Render(JsonElement obj, DateTimeOffset now, IList<JsonNode?> cells)
    {
        var converted = JsonObject.Create(obj.Clone())!;
        conversion.ToStored(converted);
        stored.Render(JsonSerializer.SerializeToElement(converted), now, cells);
    }
}
