using Microsoft.Extensions.Logging;

namespace Modular.Kernel;

/// <summary>Asks the authenticators in order who sent a request.</summary>
internal sealed partial class AuthenticationChain(ContractHandle<IAuthenticator> authenticators, ILogger log)
{
    private const string Authenticated = "system:authenticated";

    /// <summary>Somebody, nobody, or wrong proof: the first error counts only if nobody else vouches for the sender.</summary>
    /// <exception cref="ApiException">ServiceUnavailable: nobody vouches for the sender, and one failed who might have.</exception>
    public async ValueTask<AuthenticationResult> AuthenticateAsync(AuthenticationRequest request, CancellationToken cancellationToken)
    {
        if (!authenticators.IsAvailable)
        {
            return AuthenticationResult.Unknown;
        }

        var refused = AuthenticationResult.Unknown;
        var failed = "";
        var leases = authenticators.AcquireAll();
        try
        {
            foreach (var lease in leases)
            {
                AuthenticationResult result;
                try
                {
                    result = await lease.Value.AuthenticateAsync(request, cancellationToken).ConfigureAwait(false);
                }
                catch (Exception e) when (!cancellationToken.IsCancellationRequested)
                {
                    LogFailed(e, lease.Provider.Name);
                    failed = lease.Provider.Name;
                    continue;
                }

                if (result.User is { } user)
                {
                    return result with { User = AsAuthenticated(user) };
                }

                refused = refused.Error.Length > 0 ? refused : result;
            }
        }
        finally
        {
            foreach (var lease in leases)
            {
                lease.Dispose();
            }
        }

        // Neither nobody nor wrong: it can't be told, and may be somebody as soon as that one answers again.
        return failed.Length == 0 ? refused : throw new ApiException(
            new ApiStatus(StatusReason.ServiceUnavailable, $"authenticator {failed} failed, and no other knows who asks; try again") { RetryAfterSeconds = 1 });
    }

    private static UserInfo AsAuthenticated(UserInfo user) =>
        user.Groups.Contains(Authenticated) || user.Name == UserInfo.Anonymous.Name
            ? user
            : user with { Groups = [.. user.Groups, Authenticated] };

    [LoggerMessage(LogLevel.Warning, "authenticator {Authenticator} failed")]
    private partial void LogFailed(Exception error, string authenticator);
}
