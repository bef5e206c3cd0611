namespace Modular.Kernel;

/// <summary>Allows verbs on resources, as a manifest asks for them; <c>*</c> stands for all.</summary>
public sealed record PermissionRule
{
    /// <summary>The API groups; the empty string is the core group.</summary>
    public IReadOnlyList<string> ApiGroups { get; init; } = [""];

    /// <summary>The resources, such as <c>pods</c>, <c>pods/status</c>, <c>pods/*</c> or <c>*/scale</c>.</summary>
    public required IReadOnlyList<string> Resources { get; init; }

    /// <summary>The verbs.</summary>
    public required IReadOnlyList<string> Verbs { get; init; }

    /// <summary>Whether the rule allows a request.</summary>
    internal bool Allows(AuthorizationRequest request) =>
        Has(Verbs, request.Verb) && Has(ApiGroups, request.Group) && HasResource(request.Resource, request.Subresource);

    private static bool Has(IReadOnlyList<string> allowed, string wanted)
    {
        for (var i = 0; i < allowed.Count; i++)
        {
            if (allowed[i] == "*" || allowed[i] == wanted)
            {
                return true;
            }
        }

        return false;
    }

    private bool HasResource(string resource, string subresource)
    {
        if (subresource.Length == 0)
        {
            return Has(Resources, resource);
        }

        for (var i = 0; i < Resources.Count; i++)
        {
            var allowed = Resources[i];
            var slash = allowed.IndexOf('/');
            if (allowed == "*" || (slash > 0 && Matches(allowed.AsSpan(0, slash), resource) && Matches(allowed.AsSpan(slash + 1), subresource)))
            {
                return true;
            }
        }

        return false;
    }

    private static bool Matches(ReadOnlySpan<char> allowed, string wanted) => allowed is "*" || allowed.SequenceEqual(wanted);
}
