using System.Text.Json.Nodes;
using Modular.Abstractions;
using Protocol = Modular.PluginProcess.Protocol;

namespace Modular.PluginProcess.Contracts;

/// <summary>Conversions as messages: so many objects at a time that a message stays of moderate size.</summary>
internal static class ConversionBatches
{
    private const int BatchBytes = 4 * 1024 * 1024;

    /// <summary>What to ask for the objects from one on.</summary>
    public static Protocol.ConvertRequest Next(
        ResourceDefinition definition, ConversionDirection direction, IReadOnlyList<JsonObject> objects, int from)
    {
        var request = new Protocol.ConvertRequest
        {
            Resource = SecurityMessages.ToMessage(definition.Resource),
            Direction = (Protocol.ConversionDirection)direction,
        };
        for (var (at, bytes) = (from, 0); at < objects.Count && bytes < BatchBytes; at++)
        {
            var message = SecurityMessages.ToMessage(objects[at]);
            request.Objects.Add(message);
            bytes += message.Length;
        }

        return request;
    }
}
