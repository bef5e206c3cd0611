using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Modular.ApiServer;

/// <summary>How the server writes JSON.</summary>
internal static class JsonText
{
    /// <summary>Without spaces, with only what JSON itself demands escaped.</summary>
    public static JsonWriterOptions Compact { get; } = new()
    {
        SkipValidation = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        MaxDepth = 256,
    };

    /// <summary>With line breaks.</summary>
    public static JsonWriterOptions Indented { get; } = Compact with { Indented = true };

    /// <summary>Writes JSON again, with line breaks.</summary>
    public static void Indent(ReadOnlyMemory<byte> json, IBufferWriter<byte> writer)
    {
        using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 256 });
        using (var indented = new Utf8JsonWriter(writer, Indented))
        {
            document.RootElement.WriteTo(indented);
        }

        writer.Write("\n"u8);
    }
}
