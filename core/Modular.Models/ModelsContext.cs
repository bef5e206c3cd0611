using System.Text.Json.Serialization;

namespace Modular.Models;

/// <summary>Source-generated type information of the read models. Only for reading: models drop what they do not know.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(Pod))]
[JsonSerializable(typeof(ReplicationController))]
[JsonSerializable(typeof(Node))]
[JsonSerializable(typeof(Namespace))]
[JsonSerializable(typeof(Service))]
[JsonSerializable(typeof(Endpoints))]
[JsonSerializable(typeof(EndpointSlice))]
[JsonSerializable(typeof(Lease))]
[JsonSerializable(typeof(Event))]
public sealed partial class ModelsContext : JsonSerializerContext;
