using System.Collections.Frozen;
using System.Reflection;
using Modular.Abstractions.Http;
using NuGet.Versioning;

namespace Modular.Kernel.Plugins;

/// <summary>A contract that this host's shared assemblies define.</summary>
public sealed record ContractDescriptor(string Name, NuGetVersion Version, ContractCardinality Cardinality, bool HasTrials, Type Type);

/// <summary>The contracts there are, by name and by type.</summary>
public static class ContractCatalog
{
    private static readonly FrozenDictionary<Type, ContractDescriptor> ByType =
        new[] { typeof(IPlugin).Assembly, typeof(INodeEndpoint).Assembly }
            .SelectMany(a => a.GetExportedTypes())
            .Select(Describe)
            .OfType<ContractDescriptor>()
            .ToFrozenDictionary(d => d.Type);

    private static readonly FrozenDictionary<string, ContractDescriptor> ByName =
        ByType.Values.ToFrozenDictionary(d => d.Name, StringComparer.Ordinal);

    /// <summary>All names.</summary>
    public static IEnumerable<string> Names => ByName.Keys;

    /// <summary>The contracts whose users can try candidates.</summary>
    public static IEnumerable<string> NamesOfTrials => ByName.Values.Where(d => d.HasTrials).Select(d => d.Name).Order(StringComparer.Ordinal);

    /// <summary>The contract of that name, or null.</summary>
    public static ContractDescriptor? Find(string name) => ByName.GetValueOrDefault(name);

    /// <summary>The contract that an interface is.</summary>
    /// <exception cref="InvalidOperationException">It is none.</exception>
    public static ContractDescriptor Of<T>() =>
        ByType.GetValueOrDefault(typeof(T)) ?? throw new InvalidOperationException($"{typeof(T)} is no contract; use an interface marked [Contract]");

    private static ContractDescriptor? Describe(Type type) =>
        type.IsInterface && type.GetCustomAttribute<ContractAttribute>() is { } contract
            ? new(contract.Name, NuGetVersion.Parse(contract.Version), contract.Cardinality, contract.HasTrials, type)
            : null;
}
