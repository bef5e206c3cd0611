using System.Buffers;
using System.IO.Pipelines;

namespace Modular.ApiServer;

/// <summary>Reads and decodes request bodies.</summary>
internal static class RequestBodyReader
{
    private const string Accepted =
        "the body of the request was in an unknown format - accepted media types include: application/json, application/yaml";

    private const string AcceptedPatches =
        "the body of the request was in an unknown format - accepted media types include: "
        + "application/json-patch+json, application/merge-patch+json, application/strategic-merge-patch+json";

    /// <summary>The object in the body.</summary>
    /// <exception cref="ApiException">UnsupportedMediaType, RequestEntityTooLarge or BadRequest.</exception>
    public static ValueTask<RequestBody> ReadObjectAsync(HttpRequest request, CancellationToken cancellationToken) =>
        MediaType.Of(request.ContentType) switch
        {
            BodyType.Json => ReadAsync(request, yaml: false, cancellationToken),
            BodyType.Yaml => ReadAsync(request, yaml: true, cancellationToken),
            _ => throw new ApiException(StatusReason.UnsupportedMediaType, Accepted),
        };

    /// <summary>The patch in the body, and which kind of patch it is.</summary>
    /// <exception cref="ApiException">UnsupportedMediaType, RequestEntityTooLarge or BadRequest.</exception>
    public static async ValueTask<(PatchType Type, RequestBody Body)> ReadPatchAsync(
        HttpRequest request, CancellationToken cancellationToken)
    {
        var type = MediaType.Of(request.ContentType) switch
        {
            BodyType.JsonPatch => PatchType.Json,
            BodyType.MergePatch => PatchType.Merge,
            BodyType.StrategicMergePatch => PatchType.Strategic,
            BodyType.ApplyPatch => throw new ApiException(
                StatusReason.UnsupportedMediaType, "server-side apply is not served yet; use client-side apply or one of the patch types"),
            _ => throw new ApiException(StatusReason.UnsupportedMediaType, AcceptedPatches),
        };
        return (type, await ReadAsync(request, yaml: false, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>The body's bytes, decoded; null if the body is empty.</summary>
    public static async ValueTask<RequestBody?> ReadOptionalAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var reader = request.BodyReader;
        var bytes = await ReadToEndAsync(reader, cancellationToken).ConfigureAwait(false);
        try
        {
            if (bytes.IsEmpty)
            {
                return null;
            }

            return MediaType.Of(request.ContentType) switch
            {
                BodyType.Json => Decode(bytes, yaml: false),
                BodyType.Yaml => Decode(bytes, yaml: true),
                _ => throw new ApiException(StatusReason.UnsupportedMediaType, Accepted),
            };
        }
        finally
        {
            reader.AdvanceTo(bytes.End);
        }
    }

    private static async ValueTask<RequestBody> ReadAsync(HttpRequest request, bool yaml, CancellationToken cancellationToken)
    {
        var reader = request.BodyReader;
        var bytes = await ReadToEndAsync(reader, cancellationToken).ConfigureAwait(false);
        try
        {
            return Decode(bytes, yaml);
        }
        finally
        {
            reader.AdvanceTo(bytes.End);
        }
    }

    private static async ValueTask<ReadOnlySequence<byte>> ReadToEndAsync(PipeReader reader, CancellationToken cancellationToken)
    {
        while (true)
        {
            var read = await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
            if (read.IsCompleted)
            {
                return read.Buffer;
            }

            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    private static RequestBody Decode(in ReadOnlySequence<byte> bytes, bool yaml)
    {
        if (bytes.IsSingleSegment)
        {
            return Decode(bytes.FirstSpan, yaml);
        }

        var length = (int)bytes.Length;
        var rented = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            bytes.CopyTo(rented);
            return Decode(rented.AsSpan(0, length), yaml);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    private static RequestBody Decode(ReadOnlySpan<byte> bytes, bool yaml)
    {
        IReadOnlyList<string> duplicates;
        var node = yaml ? YamlDecoder.Decode(bytes, out duplicates) : JsonDecoder.Decode(bytes, out duplicates);
        return new RequestBody(node, duplicates);
    }
}
