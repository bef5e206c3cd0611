using System.Text.Json.Serialization;
using Modular.Abstractions;

namespace Modular.Plugins.RuntimeSimulated;

/// <summary>A sandbox and its containers, as its file has them.</summary>
internal sealed record SandboxRecord(SandboxState Sandbox, IReadOnlyList<ContainerState> Containers)
{
    public SandboxRecord With(ContainerState container) => this with { Containers = [.. Without(container.Id).Containers, container] };

    public SandboxRecord Without(string containerId) => this with { Containers = [.. Containers.Where(container => container.Id != containerId)] };
}

/// <summary>How records are written.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(SandboxRecord))]
internal sealed partial class SandboxRecordJson : JsonSerializerContext;
