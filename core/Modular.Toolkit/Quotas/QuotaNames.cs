using Modular.ApiMachinery;

namespace Modular.Toolkit;

/// <summary>The names by which quotas limit.</summary>
public static class QuotaNames
{
    internal const string Storage = "requests.storage";
    internal const string OfStorageClass = ".storageclass.storage.k8s.io/";
    private const string Count = "count/";

    /// <summary>The name of how many objects of a resource there are: <c>count/deployments.apps</c>.</summary>
    public static string CountOf(GroupVersionResource resource) =>
        resource.Group.Length == 0 ? Count + resource.Resource : $"{Count}{resource.Resource}.{resource.Group}";

    /// <summary>Whether the number of objects of a resource has the resource's own name too.</summary>
    public static bool HasNameOfItsOwn(GroupVersionResource resource) => resource.Group.Length == 0 && HasNameOfItsOwn(resource.Resource);

    /// <summary>Which objects use what a name limits, as <c>pods</c> or <c>deployments.apps</c>; null for names that limit nothing.</summary>
    public static string? ResourceOf(string name)
    {
        if (name.StartsWith(Count, StringComparison.Ordinal))
        {
            return name[Count.Length..];
        }

        if (HasNameOfItsOwn(name))
        {
            return name;
        }

        if (name is "services.nodeports" or "services.loadbalancers")
        {
            return "services";
        }

        if (name == Storage || name.Contains(OfStorageClass, StringComparison.Ordinal))
        {
            return "persistentvolumeclaims";
        }

        return name is "cpu" or "memory" or "ephemeral-storage" || name.StartsWith("requests.", StringComparison.Ordinal)
            || name.StartsWith("limits.", StringComparison.Ordinal) || name.StartsWith("hugepages-", StringComparison.Ordinal)
            ? "pods"
            : null;
    }

    private static bool HasNameOfItsOwn(string resource) =>
        resource is "pods" or "services" or "secrets" or "configmaps" or "replicationcontrollers" or "resourcequotas" or "persistentvolumeclaims";
}
