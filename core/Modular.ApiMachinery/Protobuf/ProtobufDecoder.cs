using System.Text.Json.Nodes;

namespace Modular.ApiMachinery;

/// <summary>Turns the protobuf that a client sent into the JSON that the pipeline works with, by the schema of its kind.</summary>
public static class ProtobufDecoder
{
    /// <summary>
    /// Decodes an object from its envelope. If it says to be of another kind, only that is decoded: whoever compares it with the URL says what is wrong.
    /// </summary>
    /// <param name="body">The envelope with the object.</param>
    /// <param name="kind">What the URL takes.</param>
    /// <param name="schema">That kind's schema.</param>
    /// <exception cref="ApiException">BadRequest: it is not protobuf, not of the schema's types, or nested too deep.</exception>
    public static JsonObject Decode(ReadOnlySpan<byte> body, GroupVersionKind kind, Schema schema)
    {
        var envelope = ProtobufEnvelope.Open(body);
        var obj = new JsonObject
        {
            ["apiVersion"] = envelope.ApiVersion.Length > 0 ? envelope.ApiVersion : kind.ApiVersion,
            ["kind"] = envelope.Kind.Length > 0 ? envelope.Kind : kind.Kind,
        };
        if (envelope.Kind.Length == 0 || envelope.Kind == kind.Kind)
        {
            MessageDecoder.Decode(envelope.Message, schema.Protobuf, obj, depth: 1);
        }

        return obj;
    }
}
