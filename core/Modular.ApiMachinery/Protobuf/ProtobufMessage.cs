namespace Modular.ApiMachinery;

/// <summary>The protobuf message of a type: its fields by their names in JSON and by their numbers. Immutable.</summary>
internal sealed class ProtobufMessage
{
    private readonly Dictionary<byte[], ProtobufField>.AlternateLookup<ReadOnlySpan<byte>> _names;

    public ProtobufMessage(Schema schema)
    {
        var names = new Dictionary<byte[], ProtobufField>(schema.Properties.Count, Utf8NameComparer.Instance);
        var fields = new List<ProtobufField>(schema.Properties.Count + schema.Alternatives.Count);
        foreach (var (name, property) in schema.Properties)
        {
            if (property.FieldPath.Count > 0)
            {
                var field = new ProtobufField(name, property, schema.Required.Contains(name));
                fields.Add(field);
                names.Add(System.Text.Encoding.UTF8.GetBytes(name), field);
            }
        }

        foreach (var alternative in schema.Alternatives)
        {
            fields.Add(new ProtobufField("", alternative, isRequired: true));
        }

        fields.Sort(static (a, b) => ComparePaths(a.Path, b.Path));
        for (var i = 0; i < fields.Count; i++)
        {
            fields[i].Order = i;
            Numbers.Add(fields[i], 0);
        }

        Fields = fields;
        RequiredCollections = [.. fields.Where(field => field.Cardinality != Cardinality.Single && schema.Required.Contains(field.Name))];
        _names = names.GetAlternateLookup<ReadOnlySpan<byte>>();
    }

    /// <summary>In the order of their numbers.</summary>
    public IReadOnlyList<ProtobufField> Fields { get; }

    /// <summary>The lists and maps that are always there: an empty one leaves no trace on the wire.</summary>
    public ProtobufField[] RequiredCollections { get; }

    public ProtobufNumbers Numbers { get; } = new();

    /// <summary>The field of a name in JSON.</summary>
    public ProtobufField? Find(ReadOnlySpan<byte> name) =>
        _names.TryGetValue(name, out var field) ? field : null;

    private static int ComparePaths(IReadOnlyList<int> left, IReadOnlyList<int> right)
    {
        for (var i = 0; i < left.Count && i < right.Count; i++)
        {
            if (left[i] != right[i])
            {
                return left[i].CompareTo(right[i]);
            }
        }

        return left.Count.CompareTo(right.Count);
    }
}

/// <summary>The numbers of one message on the wire: each is a field, or a message whose fields JSON shows among those around it.</summary>
internal sealed class ProtobufNumbers
{
    private readonly Dictionary<int, (ProtobufField? Field, ProtobufNumbers? Inline)> _entries = [];

    public (ProtobufField? Field, ProtobufNumbers? Inline) Find(int number) => _entries.GetValueOrDefault(number);

    public void Add(ProtobufField field, int depth)
    {
        var number = field.Path[depth];
        if (depth == field.Path.Count - 1)
        {
            _entries[number] = (field, null);
            return;
        }

        if (Find(number).Inline is not { } inline)
        {
            inline = new ProtobufNumbers();
            _entries[number] = (null, inline);
        }

        inline.Add(field, depth + 1);
    }
}
