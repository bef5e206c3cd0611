using Microsoft.AspNetCore.Routing;

namespace Modular.PluginProcess.Contracts;

/// <summary>What some providers of a contract offer beyond it.</summary>
/// <param name="Type">The interface, whose full name stands in manifests.</param>
/// <param name="Map">Maps the service that answers calls of it.</param>
internal sealed record ContractFeature(Type Type, Action<IEndpointRouteBuilder> Map)
{
    public string Name => Type.FullName!;
}
