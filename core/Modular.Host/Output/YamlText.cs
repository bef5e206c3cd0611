using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Modular.Host.Output;

/// <summary>Writes JSON as YAML the way Kubernetes' tools do: block style, keys in order, strings quoted only where YAML needs it.</summary>
internal static class YamlText
{
    public static string Write(JsonNode? node)
    {
        var text = new StringBuilder();
        var writer = new StringWriter(text) { NewLine = "\n" };
        var emitter = new YamlDotNet.Core.Emitter(writer, new YamlDotNet.Core.EmitterSettings(2, 100_000, false, 1024, true, false, "\n"));
        emitter.Emit(new YamlDotNet.Core.Events.StreamStart());
        emitter.Emit(new YamlDotNet.Core.Events.DocumentStart(null, null, true));
        WriteNode(emitter, node);
        emitter.Emit(new YamlDotNet.Core.Events.DocumentEnd(true));
        emitter.Emit(new YamlDotNet.Core.Events.StreamEnd());
        return text.ToString();
    }

    private static void WriteNode(YamlDotNet.Core.IEmitter emitter, JsonNode? node)
    {
        switch (node)
        {
            case JsonObject obj:
                emitter.Emit(new YamlDotNet.Core.Events.MappingStart(null, null, true,
                    obj.Count == 0 ? YamlDotNet.Core.Events.MappingStyle.Flow : YamlDotNet.Core.Events.MappingStyle.Block));
                foreach (var (key, value) in obj.OrderBy(member => member.Key, StringComparer.Ordinal))
                {
                    emitter.Emit(Scalar(key));
                    WriteNode(emitter, value);
                }

                emitter.Emit(new YamlDotNet.Core.Events.MappingEnd());
                break;
            case JsonArray array:
                emitter.Emit(new YamlDotNet.Core.Events.SequenceStart(null, null, true,
                    array.Count == 0 ? YamlDotNet.Core.Events.SequenceStyle.Flow : YamlDotNet.Core.Events.SequenceStyle.Block));
                foreach (var value in array)
                {
                    WriteNode(emitter, value);
                }

                emitter.Emit(new YamlDotNet.Core.Events.SequenceEnd());
                break;
            case null:
                emitter.Emit(new YamlDotNet.Core.Events.Scalar("null"));
                break;
            default:
                emitter.Emit(node.GetValueKind() == JsonValueKind.String
                    ? Scalar(node.GetValue<string>())
                    : new YamlDotNet.Core.Events.Scalar(node.ToJsonString()));
                break;
        }
    }

    private static YamlDotNet.Core.Events.Scalar Scalar(string value) => new(
        null, null, value,
        value.Contains('\n', StringComparison.Ordinal) ? YamlDotNet.Core.ScalarStyle.Literal
            : ReadsAsOther(value) ? YamlDotNet.Core.ScalarStyle.DoubleQuoted
            : YamlDotNet.Core.ScalarStyle.Any,
        true, true);

    // A plain scalar that YAML 1.1 or 1.2 reads as a number, a boolean, null or a date must be quoted to stay a string.
    private static bool ReadsAsOther(string value) =>
        value.Length == 0
        || value is "~" or "=" or "<<"
        || value.ToLowerInvariant() is "null" or "true" or "false" or "yes" or "no" or "on" or "off" or "y" or "n" or ".nan" or ".inf" or "-.inf"
        || char.IsAsciiDigit(value[0])
        || (value[0] is '-' or '+' or '.' && value.Length > 1 && (char.IsAsciiDigit(value[1]) || value[1] == '.'));
}
