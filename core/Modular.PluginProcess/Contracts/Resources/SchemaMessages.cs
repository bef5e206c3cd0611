using Modular.ApiMachinery;
using Protocol = Modular.PluginProcess.Protocol;

namespace Modular.PluginProcess.Contracts;

/// <summary>Numbers schemas, which refer to each other, as they are come by, and writes each once.</summary>
internal sealed class SchemaMessages
{
    private readonly Dictionary<Schema, uint> _places = new(ReferenceEqualityComparer.Instance);
    private readonly Queue<Schema> _unwritten = new();

    /// <summary>The place of a schema among <see cref="Write"/>.</summary>
    public uint PlaceOf(Schema schema)
    {
        if (!_places.TryGetValue(schema, out var place))
        {
            _places[schema] = place = (uint)_places.Count;
            _unwritten.Enqueue(schema);
        }

        return place;
    }

    /// <summary>All schemas whose place was asked for, and those that they refer to, in order.</summary>
    public IEnumerable<Protocol.Schema> Write()
    {
        while (_unwritten.TryDequeue(out var schema))
        {
            yield return ToMessage(schema);
        }
    }

    private Protocol.Schema ToMessage(Schema schema)
    {
        var message = new Protocol.Schema
        {
            Type = (Protocol.SchemaType)schema.Type,
            Format = schema.Format,
            Name = schema.Name,
            Description = schema.Description,
            Default = schema.Default?.ToJsonString() ?? "",
            ListKind = (Protocol.ListKind)schema.ListKind,
            PatchMergeKey = schema.PatchMergeKey,
            PatchMerge = schema.PatchMerge,
            PatchRetainKeys = schema.PatchRetainKeys,
            PreserveUnknownFields = schema.PreserveUnknownFields,
            Immutable = schema.Immutable,
            Nullable = schema.Nullable,
            AllowDuplicates = schema.AllowDuplicates,
            ExplicitPresence = schema.ExplicitPresence,
            AtomicMap = schema.AtomicMap,
        };
        message.Properties.AddRange(schema.Properties.Select(p => new Protocol.SchemaProperty { Name = p.Key, Schema = PlaceOf(p.Value) }));
        message.Required.AddRange(schema.Required);
        message.Enum.AddRange(schema.Enum);
        message.ListMapKeys.AddRange(schema.ListMapKeys);
        message.FieldPath.AddRange(schema.FieldPath.Select(number => (uint)number));
        message.Alternatives.AddRange(schema.Alternatives.Select(PlaceOf));
        if (schema.AdditionalProperties is { } values)
        {
            message.AdditionalProperties = PlaceOf(values);
        }

        if (schema.Items is { } items)
        {
            message.Items = PlaceOf(items);
        }

        return message;
    }
}
