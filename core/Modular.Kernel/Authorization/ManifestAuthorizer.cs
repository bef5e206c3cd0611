using System.Collections.Concurrent;

namespace Modular.Kernel;

/// <summary>
/// The kernel's own rights, below every plugin's: plugins may what their manifests ask for and the distribution grants, everybody who is
/// somebody may look what the API offers, and anybody (a load balancer, say) how it is. Denies nothing: what nobody allows is denied anyway. Thread-safe.
/// </summary>
public sealed class ManifestAuthorizer : IAuthorizer
{
    private const string Authenticated = "system:authenticated";

    private static readonly string[] Reading = ["get", "head"];

    // As Kubernetes' role system:public-info-viewer has them.
    private static readonly string[] PublicPaths = ["/healthz", "/livez", "/readyz", "/version", "/version/"];
    private static readonly string[] OpenTrees = ["/api", "/apis", "/openapi", "/version", "/healthz", "/livez", "/readyz"];

    private readonly ConcurrentDictionary<string, IReadOnlyList<PermissionRule>> _rules = new(StringComparer.Ordinal);

    /// <summary>The name that requests of a plugin's instance are made under.</summary>
    public static string UserOf(string plugin) => $"system:plugin:{plugin}";

    /// <summary>Grants a user these rights instead of those it had.</summary>
    public void Register(string user, IReadOnlyList<PermissionRule> rules) => _rules[user] = rules;

    /// <summary>Takes a user's rights away.</summary>
    public void Unregister(string user) => _rules.TryRemove(user, out _);

    /// <summary>A user's rights.</summary>
    internal IReadOnlyList<PermissionRule> RulesOf(UserInfo user) => _rules.GetValueOrDefault(user.Name, []);

    /// <summary>The paths that a user may read.</summary>
    internal static IReadOnlyList<PathRule> PathsOf(UserInfo user) => user.Groups.Contains(Authenticated)
        ? [new PathRule(Reading, [.. OpenTrees.SelectMany(static tree => new[] { tree, $"{tree}/*" })])]
        : [new PathRule(Reading, PublicPaths)];

    /// <inheritdoc />
    public ValueTask<AuthorizationResult> AuthorizeAsync(AuthorizationRequest request, CancellationToken cancellationToken) =>
        new(new AuthorizationResult(Allows(request) ? AuthorizationDecision.Allow : AuthorizationDecision.NoOpinion));

    private bool Allows(AuthorizationRequest request)
    {
        if (request.Resource.Length == 0)
        {
            return request.Verb is "get" or "head"
                && (PublicPaths.AsSpan().Contains(request.Path) || (request.User.Groups.Contains(Authenticated) && IsOpen(request.Path)));
        }

        if (!_rules.TryGetValue(request.User.Name, out var rules))
        {
            return false;
        }

        foreach (var rule in rules)
        {
            if (rule.Allows(request))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsOpen(string path)
    {
        foreach (var tree in OpenTrees)
        {
            if (path.StartsWith(tree, StringComparison.Ordinal) && (path.Length == tree.Length || path[tree.Length] == '/'))
            {
                return true;
            }
        }

        return false;
    }
}
