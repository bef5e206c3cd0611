using System.Text.Json;

namespace Modular.ApiServer;

/// <summary>The metadata of lists and tables.</summary>
internal static class ListMetadata
{
    /// <summary>Writes the member <c>metadata</c>.</summary>
    public static void Write(Utf8JsonWriter json, long revision, string continueToken, long? remaining)
    {
        json.WriteStartObject("metadata"u8);
        if (revision > 0)
        {
            Span<byte> digits = stackalloc byte[20];
            System.Buffers.Text.Utf8Formatter.TryFormat(revision, digits, out var length);
            json.WriteString("resourceVersion"u8, digits[..length]);
        }

        if (continueToken.Length > 0)
        {
            json.WriteString("continue"u8, continueToken);
        }

        if (remaining is { } count and > 0)
        {
            json.WriteNumber("remainingItemCount"u8, count);
        }

        json.WriteEndObject();
    }
}
