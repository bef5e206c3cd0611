using System.Buffers;
using System.Text;
using System.Text.Json;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Modular.ApiServer;

/// <summary>Writes JSON as the YAML document that means the same.</summary>
public static class YamlEncoder
{
    /// <summary>Converts a JSON value.</summary>
    public static void Encode(ReadOnlySpan<byte> json, IBufferWriter<byte> writer)
    {
        using var text = new StringWriter();
        var emitter = new Emitter(text, new EmitterSettings(bestIndent: 2, bestWidth: int.MaxValue, isCanonical: false, maxSimpleKeyLength: 1024, skipAnchorName: true));
        emitter.Emit(new StreamStart());
        emitter.Emit(new DocumentStart(null, null, isImplicit: true));
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 256 });
        while (reader.Read())
        {
            emitter.Emit(EventOf(ref reader));
        }

        emitter.Emit(new DocumentEnd(isImplicit: true));
        emitter.Emit(new StreamEnd());
        Encoding.UTF8.GetBytes(text.GetStringBuilder().ToString(), writer);
    }

    private static ParsingEvent EventOf(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.StartObject => new MappingStart(AnchorName.Empty, TagName.Empty, isImplicit: true, MappingStyle.Block),
        JsonTokenType.EndObject => new MappingEnd(),
        JsonTokenType.StartArray => new SequenceStart(AnchorName.Empty, TagName.Empty, isImplicit: true, SequenceStyle.Block),
        JsonTokenType.EndArray => new SequenceEnd(),
        JsonTokenType.PropertyName => StringEvent(reader.GetString()!, isKey: true),
        JsonTokenType.String => StringEvent(reader.GetString()!, isKey: false),
        JsonTokenType.True => Plain("true"),
        JsonTokenType.False => Plain("false"),
        JsonTokenType.Null => Plain("null"),
        _ => Plain(Encoding.UTF8.GetString(reader.ValueSpan)),
    };

    private static Scalar Plain(string text) =>
        new(AnchorName.Empty, TagName.Empty, text, ScalarStyle.Plain, isPlainImplicit: true, isQuotedImplicit: false);

    private static Scalar StringEvent(string text, bool isKey)
    {
        var hasLines = text.Contains('\n', StringComparison.Ordinal);
        var style = YamlScalar.NeedsQuotes(text) || (isKey && NeedsQuotesAsKey(text)) || (hasLines && !IsLiteral(text)) ? ScalarStyle.DoubleQuoted
            : hasLines ? ScalarStyle.Literal
            : ScalarStyle.Any;
        return new Scalar(AnchorName.Empty, TagName.Empty, text, style, isPlainImplicit: true, isQuotedImplicit: true);
    }

    // Readers take an asterisk behind a blank for an alias as soon as they look for a key.
    private static bool NeedsQuotesAsKey(string text) => text.Contains('\n', StringComparison.Ordinal) || text.Contains(" *", StringComparison.Ordinal);

    // The first line tells how far a literal is indented.
    private static bool IsLiteral(string text) => text[0] is not (' ' or '\n');
}
