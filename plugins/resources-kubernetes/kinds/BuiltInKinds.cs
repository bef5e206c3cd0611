using Modular.Plugins.ResourcesKubernetes.Allocation;

namespace Modular.Plugins.ResourcesKubernetes.Kinds;

/// <summary>The rules of all kinds that are served, by resource: one that is in the table but not here is not.</summary>
internal static class BuiltInKinds
{
    public static IReadOnlyDictionary<string, KindRules> All(ServiceAllocator services) =>
        new Dictionary<string, KindRules>(
            [.. CoreKinds.All(services), .. WorkloadKinds.All(), .. NetworkingKinds.All(), .. StorageKinds.All(), .. ClusterKinds.All(), .. ReviewKinds.All()], StringComparer.Ordinal);
}
