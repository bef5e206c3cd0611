namespace Modular.ApiServer;

/// <summary>The body types the server reads.</summary>
internal enum BodyType
{
    Json,
    Yaml,
    JsonPatch,
    MergePatch,
    StrategicMergePatch,
    ApplyPatch,
    Protobuf,
    Unknown,
}

/// <summary>Reads Content-Type headers.</summary>
internal static class MediaType
{
    public const string Json = "application/json";
    public const string Yaml = "application/yaml";

    /// <summary>The type of a body; parameters such as a charset are passed over. A body without a type is JSON.</summary>
    public static BodyType Of(ReadOnlySpan<char> contentType)
    {
        var end = contentType.IndexOf(';');
        var name = (end < 0 ? contentType : contentType[..end]).Trim();
        return name switch
        {
            "" or Json => BodyType.Json,
            Yaml => BodyType.Yaml,
            ProtobufFormat.MediaType => BodyType.Protobuf,
            "application/json-patch+json" => BodyType.JsonPatch,
            "application/merge-patch+json" => BodyType.MergePatch,
            "application/strategic-merge-patch+json" => BodyType.StrategicMergePatch,
            "application/apply-patch+yaml" => BodyType.ApplyPatch,
            _ => BodyType.Unknown,
        };
    }
}
