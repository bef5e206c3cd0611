using Microsoft.Extensions.Logging;

namespace Modular.Kernel;

/// <summary>Asks the authorizers in order and refuses what none allows. One that fails has no opinion.</summary>
internal sealed partial class AuthorizationChain(ContractHandle<IAuthorizer> authorizers, ManifestAuthorizer own, ILogger log)
{
    private const string Masters = "system:masters";

    private static readonly PermissionRule[] Everything = [new() { ApiGroups = ["*"], Resources = ["*"], Verbs = ["*"] }];
    private static readonly PathRule[] EveryPath = [new(["*"], ["*"])];

    /// <summary>Passes, or refuses in Kubernetes' words.</summary>
    /// <exception cref="ApiException">Forbidden.</exception>
    public ValueTask DemandAsync(AuthorizationRequest request, CancellationToken cancellationToken) =>
        IsMaster(request.User) ? ValueTask.CompletedTask : RefuseUnlessAllowedAsync(request, cancellationToken);

    /// <summary>What the authorizers say of a request that nobody makes.</summary>
    public ValueTask<AuthorizationResult> DecideAsync(AuthorizationRequest request, CancellationToken cancellationToken) =>
        IsMaster(request.User) ? new(new AuthorizationResult(AuthorizationDecision.Allow)) : AskAsync(request, cancellationToken);

    /// <summary>What is known of what a user may do, and whether that is all.</summary>
    public (IReadOnlyList<PermissionRule> Rules, IReadOnlyList<PathRule> Paths, bool IsWhole) RulesOf(UserInfo user) =>
        IsMaster(user) ? (Everything, EveryPath, true) : (own.RulesOf(user), ManifestAuthorizer.PathsOf(user), !authorizers.IsAvailable);

    private static bool IsMaster(UserInfo user)
    {
        for (var i = 0; i < user.Groups.Count; i++)
        {
            if (user.Groups[i] == Masters)
            {
                return true;
            }
        }

        return false;
    }

    private async ValueTask RefuseUnlessAllowedAsync(AuthorizationRequest request, CancellationToken cancellationToken)
    {
        var result = await AskAsync(request, cancellationToken).ConfigureAwait(false);
        if (result.Decision != AuthorizationDecision.Allow)
        {
            throw Refusal(request, result.Reason ?? "");
        }
    }

    private async ValueTask<AuthorizationResult> AskAsync(AuthorizationRequest request, CancellationToken cancellationToken)
    {
        var result = new AuthorizationResult(AuthorizationDecision.NoOpinion);
        if (authorizers.IsAvailable)
        {
            result = await AskPluginsAsync(request, cancellationToken).ConfigureAwait(false);
        }

        if (result.Decision == AuthorizationDecision.NoOpinion)
        {
            var reason = result.Reason;
            result = await own.AuthorizeAsync(request, cancellationToken).ConfigureAwait(false);
            result = result with { Reason = reason };
        }

        return result;
    }

    private async ValueTask<AuthorizationResult> AskPluginsAsync(AuthorizationRequest request, CancellationToken cancellationToken)
    {
        var leases = authorizers.AcquireAll();
        try
        {
            var reason = "";
            foreach (var lease in leases)
            {
                var result = await AskAsync(lease, request, cancellationToken).ConfigureAwait(false);
                if (result.Decision != AuthorizationDecision.NoOpinion)
                {
                    return result;
                }

                reason = string.IsNullOrEmpty(result.Reason) ? reason : result.Reason;
            }

            return new AuthorizationResult(AuthorizationDecision.NoOpinion, reason);
        }
        finally
        {
            foreach (var lease in leases)
            {
                lease.Dispose();
            }
        }
    }

    private async ValueTask<AuthorizationResult> AskAsync(
        ContractLease<IAuthorizer> lease, AuthorizationRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return await lease.Value.AuthorizeAsync(request, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            LogFailed(e, lease.Provider.Name);
            return new AuthorizationResult(AuthorizationDecision.NoOpinion, $"authorizer {lease.Provider.Name} failed");
        }
    }

    private static ApiException Refusal(AuthorizationRequest request, string reason)
    {
        var because = reason.Length > 0 ? $": {reason}" : "";
        if (request.Resource.Length == 0)
        {
            return new ApiException(
                StatusReason.Forbidden, $"forbidden: User \"{request.User.Name}\" cannot {request.Verb} path \"{request.Path}\"{because}");
        }

        var qualified = request.Group.Length == 0 ? request.Resource : $"{request.Resource}.{request.Group}";
        var subject = request.Name.Length > 0 ? $"{qualified} \"{request.Name}\"" : qualified;
        var resource = request.Subresource.Length > 0 ? $"{request.Resource}/{request.Subresource}" : request.Resource;
        var place = request.Namespace.Length > 0 ? $"in the namespace \"{request.Namespace}\"" : "at the cluster scope";
        var message = $"{subject} is forbidden: User \"{request.User.Name}\" cannot {request.Verb} resource \"{resource}\" "
            + $"in API group \"{request.Group}\" {place}{because}";
        return new ApiException(new ApiStatus(StatusReason.Forbidden, message)
        {
            Kind = request.Resource,
            Group = request.Group,
            Name = request.Name,
        });
    }

    [LoggerMessage(LogLevel.Warning, "authorizer {Authorizer} failed")]
    private partial void LogFailed(Exception error, string authorizer);
}
