using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Modular.Kernel.Plugins;

[JsonSerializable(typeof(JsonObject))]
internal sealed partial class ConfigurationJson : JsonSerializerContext;
