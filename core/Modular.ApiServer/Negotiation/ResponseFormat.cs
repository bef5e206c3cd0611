namespace Modular.ApiServer;

/// <summary>How a client wants objects shown.</summary>
internal enum Representation
{
    /// <summary>As they are.</summary>
    Whole,
    /// <summary>As rows of a table.</summary>
    Table,
    /// <summary>Only their metadata.</summary>
    Metadata,
}

/// <summary>The form of an answer that client and server agreed on.</summary>
internal readonly record struct ResponseFormat
{
    /// <summary>YAML instead of JSON.</summary>
    public bool Yaml { get; init; }

    /// <summary>Protobuf instead of JSON.</summary>
    public bool Protobuf { get; init; }

    /// <summary>JSON with line breaks.</summary>
    public bool Pretty { get; init; }

    public Representation Representation { get; init; }

    /// <summary>The version of meta.k8s.io that tables and metadata are in.</summary>
    public string MetaVersion { get; init; }

    /// <summary>True if the objects' own bytes can be sent as they are.</summary>
    public bool IsPlainJson => !Yaml && !Pretty && !Protobuf;

    public string ContentType => Protobuf ? ProtobufFormat.MediaType : Yaml ? MediaType.Yaml : MediaType.Json;
}
