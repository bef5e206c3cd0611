namespace Modular.EndToEnd;

/// <summary>Why a resource or subresource of Kubernetes is not served.</summary>
internal static class MissingReasons
{
    // What begins with the first of a pair, for the reason of the second.
    private static readonly (string Prefix, string Reason)[] Reasons =
    [
        ("admissionregistration.k8s.io/", "comes with webhooks and policies"),
        ("apiextensions.k8s.io/", "comes with custom resources"),
        ("apiregistration.k8s.io/", "comes with aggregation"),
        ("authentication.k8s.io/", "comes with tokens"),
        ("rbac.authorization.k8s.io/", "comes with RBAC"),
        ("v1/serviceaccounts/token", "comes with tokens"),
    ];

    /// <summary>The reason for a resource (v1/pods) or subresource (v1/pods/proxy).</summary>
    public static string Of(string name)
    {
        foreach (var (prefix, reason) in Reasons)
        {
            if (name.StartsWith(prefix, StringComparison.Ordinal))
            {
                return reason;
            }
        }

        return "not yet";
    }
}
