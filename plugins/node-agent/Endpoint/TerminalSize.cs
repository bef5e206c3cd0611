using System.Text.Json.Serialization;

namespace Modular.Plugins.NodeAgent.Endpoint;

/// <summary>What a client says of its terminal, in characters.</summary>
internal sealed record TerminalSize(int Width, int Height);

/// <summary>Reads it without reflection.</summary>
[JsonSerializable(typeof(TerminalSize))]
internal sealed partial class TerminalSizeJson : JsonSerializerContext;
