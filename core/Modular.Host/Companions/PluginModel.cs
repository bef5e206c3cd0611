using System.Text.Json.Serialization;

namespace Modular.Host.Companions;

/// <summary>What is to be known here of a Plugin object.</summary>
internal sealed record PluginModel(PluginModelSpec? Spec, PluginModelStatus? Status);

/// <param name="Host">The host process the plugin runs in.</param>
internal sealed record PluginModelSpec(string? Host);

/// <param name="Provides">The contracts it provides.</param>
internal sealed record PluginModelStatus(IReadOnlyList<string>? Provides);

/// <summary>How the model is read.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(PluginModel))]
internal sealed partial class PluginModelContext : JsonSerializerContext;
