namespace Modular.Plugins.ResourcesKubernetes.Kinds;

/// <summary>The kinds that ask the server about users and rights.</summary>
internal static class ReviewKinds
{
    public static Dictionary<string, KindRules> All() => new(StringComparer.Ordinal)
    {
        ["authentication.k8s.io/v1/selfsubjectreviews"] = new() { Review = ReviewType.SelfSubject },
        ["authorization.k8s.io/v1/selfsubjectaccessreviews"] = new() { Review = ReviewType.SelfSubjectAccess },
        ["authorization.k8s.io/v1/selfsubjectrulesreviews"] = new() { Review = ReviewType.SelfSubjectRules },
        ["authorization.k8s.io/v1/subjectaccessreviews"] = new() { Review = ReviewType.SubjectAccess },
        ["authorization.k8s.io/v1/localsubjectaccessreviews"] = new() { Review = ReviewType.LocalSubjectAccess },
    };
}
