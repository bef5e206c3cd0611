using System.Buffers;

namespace Modular.ApiServer;

/// <summary>Turns finished JSON into the text a client asked for.</summary>
internal static class TextForm
{
    /// <summary>Writes the JSON as it is, with line breaks, or as YAML.</summary>
    public static void Write(ReadOnlyMemory<byte> json, ResponseFormat format, IBufferWriter<byte> writer)
    {
        if (format.Yaml)
        {
            YamlEncoder.Encode(json.Span, writer);
        }
        else if (format.Pretty)
        {
            JsonText.Indent(json, writer);
        }
        else
        {
            writer.Write(json.Span);
        }
    }
}
