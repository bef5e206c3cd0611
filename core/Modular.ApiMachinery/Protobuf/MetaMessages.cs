namespace Modular.ApiMachinery;

/// <summary>The types that belong to no kind and yet cross as protobuf.</summary>
public static class MetaMessages
{
    /// <summary>What requests answer that have no other answer.</summary>
    public static Schema Status { get; } = Message(
        ("metadata", Message(
            ("selfLink", Text()), ("resourceVersion", Text()), ("continue", Text()), ("remainingItemCount", Number("int64", isPresent: true)),
            ("shardInfo", Message(("selector", Text()))))),
        ("status", Text()),
        ("message", Text()),
        ("reason", Text()),
        ("details", Message(
            ("name", Text()),
            ("group", Text()),
            ("kind", Text()),
            ("causes", new Schema { Type = SchemaType.Array, Items = Message(("reason", Text()), ("message", Text()), ("field", Text())) }),
            ("retryAfterSeconds", Number("int32", isPresent: false)),
            ("uid", Text()))),
        ("code", Number("int32", isPresent: false)));

    /// <summary>How to delete.</summary>
    public static Schema DeleteOptions { get; } = Message(
        "DeleteOptions",
        ("gracePeriodSeconds", Number("int64", isPresent: true)),
        ("preconditions", Message(("uid", Text(isPresent: true)), ("resourceVersion", Text(isPresent: true)))),
        ("orphanDependents", Flag()),
        ("propagationPolicy", Text(isPresent: true)),
        ("dryRun", new Schema { Type = SchemaType.Array, Items = Text() }),
        ("ignoreStoreReadErrorWithClusterBreakingPotential", Flag()));

    /// <summary>A view of a kind's objects with nothing but their metadata.</summary>
    public static Schema MetadataOf(Schema kind) => new() { Properties = { ["metadata"] = kind.Properties["metadata"] } };

    /// <summary>A message whose fields are numbered in order, from 1.</summary>
    private static Schema Message(params ReadOnlySpan<(string Name, Schema Schema)> fields) => Message("", fields);

    private static Schema Message(string name, params ReadOnlySpan<(string Name, Schema Schema)> fields)
    {
        var message = new Schema { Name = name };
        foreach (var (field, schema) in fields)
        {
            message.Properties.Add(field, At(schema, message.Properties.Count + 1));
        }

        return message;
    }

    private static Schema At(Schema schema, int number) => new()
    {
        Type = schema.Type,
        Format = schema.Format,
        Properties = schema.Properties,
        Items = schema.Items,
        ExplicitPresence = schema.ExplicitPresence,
        FieldPath = [number],
    };

    private static Schema Text(bool isPresent = false) => new() { Type = SchemaType.String, ExplicitPresence = isPresent };

    private static Schema Number(string format, bool isPresent) => new() { Type = SchemaType.Integer, Format = format, ExplicitPresence = isPresent };

    private static Schema Flag() => new() { Type = SchemaType.Boolean, ExplicitPresence = true };
}
