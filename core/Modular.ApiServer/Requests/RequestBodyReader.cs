using System.Buffers;

namespace Modular.ApiServer;

/// <summary>Reads and decodes request bodies.</summary>
internal static class RequestBodyReader
{
    private const string Accepted =
        "the body of the request was in an unknown format - accepted media types include: application/json, application/yaml";

    private const string AcceptedWithProtobuf = $"{Accepted}, {ProtobufFormat.MediaType}";

    private const string AcceptedPatches =
        "the body of the request was in an unknown format - accepted media types include: "
        + "application/json-patch+json, application/merge-patch+json, application/strategic-merge-patch+json, application/apply-patch+yaml";

    /// <summary>The object in the body.</summary>
    /// <param name="request">The request.</param>
    /// <param name="kind">What it is about.</param>
    /// <param name="schema">Its schema, by which protobuf is read; null if it has none.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ApiException">UnsupportedMediaType, RequestEntityTooLarge or BadRequest.</exception>
    public static ValueTask<RequestBody> ReadObjectAsync(HttpRequest request, GroupVersionKind kind, Schema? schema, CancellationToken cancellationToken) =>
        ReadAsync(request, DecoderOf(request, kind, schema), cancellationToken);

    /// <summary>Which kind of patch the body is.</summary>
    /// <exception cref="ApiException">UnsupportedMediaType.</exception>
    public static PatchType TypeOfPatch(HttpRequest request) => MediaType.Of(request.ContentType) switch
    {
        BodyType.JsonPatch => PatchType.Json,
        BodyType.MergePatch => PatchType.Merge,
        BodyType.StrategicMergePatch => PatchType.Strategic,
        BodyType.ApplyPatch => PatchType.Apply,
        _ => throw new ApiException(StatusReason.UnsupportedMediaType, AcceptedPatches),
    };

    /// <summary>The patch in the body.</summary>
    /// <exception cref="ApiException">RequestEntityTooLarge or BadRequest.</exception>
    public static ValueTask<RequestBody> ReadPatchAsync(HttpRequest request, PatchType type, CancellationToken cancellationToken) =>
        ReadAsync(request, type == PatchType.Apply ? DecodeApplied : DecodeJson, cancellationToken);

    /// <summary>The object in the body; null if the body is empty.</summary>
    /// <exception cref="ApiException">UnsupportedMediaType, RequestEntityTooLarge or BadRequest.</exception>
    public static async ValueTask<RequestBody?> ReadOptionalAsync(
        HttpRequest request, GroupVersionKind kind, Schema schema, CancellationToken cancellationToken)
    {
        var reader = request.BodyReader;
        var bytes = await BoundedBody.ReadAsync(request, cancellationToken).ConfigureAwait(false);
        try
        {
            return bytes.IsEmpty ? null : Decode(bytes, DecoderOf(request, kind, schema));
        }
        finally
        {
            reader.AdvanceTo(bytes.End);
        }
    }

    private static async ValueTask<RequestBody> ReadAsync(HttpRequest request, BodyDecoder decode, CancellationToken cancellationToken)
    {
        var reader = request.BodyReader;
        var bytes = await BoundedBody.ReadAsync(request, cancellationToken).ConfigureAwait(false);
        try
        {
            return Decode(bytes, decode);
        }
        finally
        {
            reader.AdvanceTo(bytes.End);
        }
    }

    private static BodyDecoder DecoderOf(HttpRequest request, GroupVersionKind kind, Schema? schema)
    {
        var speaksProtobuf = schema is not null && ProtobufFormat.Speaks(schema);
        return MediaType.Of(request.ContentType) switch
        {
            BodyType.Json => DecodeJson,
            BodyType.Yaml => DecodeYaml,
            BodyType.Protobuf when speaksProtobuf => bytes => new RequestBody(ProtobufDecoder.Decode(bytes, kind, schema!), []),
            _ => throw new ApiException(StatusReason.UnsupportedMediaType, speaksProtobuf ? AcceptedWithProtobuf : Accepted),
        };
    }

    private static RequestBody Decode(in ReadOnlySequence<byte> bytes, BodyDecoder decode)
    {
        if (bytes.IsSingleSegment)
        {
            return decode(bytes.FirstSpan);
        }

        var length = (int)bytes.Length;
        var rented = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            bytes.CopyTo(rented);
            return decode(rented.AsSpan(0, length));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    private static RequestBody DecodeJson(ReadOnlySpan<byte> bytes) => new(JsonDecoder.Decode(bytes, out var duplicates), duplicates);

    private static RequestBody DecodeYaml(ReadOnlySpan<byte> bytes) => new(YamlDecoder.Decode(bytes, out var duplicates), duplicates);

    // Most send JSON, which is YAML too, but sooner read by itself. Only the other decoder knows the lines of keys that stand twice.
    private static RequestBody DecodeApplied(ReadOnlySpan<byte> bytes)
    {
        var start = bytes.IndexOfAnyExcept(" \t\r\n"u8);
        if (start >= 0 && bytes[start] == (byte)'{')
        {
            try
            {
                var node = JsonDecoder.Decode(bytes, out var twice);
                if (twice.Count == 0)
                {
                    return new RequestBody(node, twice);
                }
            }
            catch (ApiException)
            {
                // It may be YAML that begins like JSON; if not, what is wrong with it is said of the YAML.
            }
        }

        return new(YamlDecoder.DecodeWithLines(bytes, out var duplicates), duplicates);
    }

    private delegate RequestBody BodyDecoder(ReadOnlySpan<byte> bytes);
}
