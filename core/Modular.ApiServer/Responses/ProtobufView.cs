namespace Modular.ApiServer;

/// <summary>How a kind's objects are shown in protobuf: as they are, or only their metadata.</summary>
/// <param name="ApiVersion">What the envelope says.</param>
/// <param name="Kind">What the envelope says.</param>
/// <param name="Schema">Which fields are shown.</param>
internal sealed record ProtobufView(string ApiVersion, string Kind, Schema Schema)
{
    public static ProtobufView Of(GroupVersionKind kind, Schema schema, ResponseFormat format) => format.Representation == Representation.Metadata
        ? new ProtobufView($"meta.k8s.io/{format.MetaVersion}", "PartialObjectMetadata", MetaMessages.MetadataOf(schema))
        : new ProtobufView(kind.ApiVersion, kind.Kind, schema);
}
