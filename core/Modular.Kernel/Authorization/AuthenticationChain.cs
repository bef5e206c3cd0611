namespace Modular.Kernel;

/// <summary>Asks the authenticators in order who sent a request.</summary>
internal sealed class AuthenticationChain(ContractHandle<IAuthenticator> authenticators)
{
    private const string Authenticated = "system:authenticated";

    /// <summary>Somebody, nobody, or wrong proof: the first error counts only if nobody else vouches for the sender.</summary>
    public async ValueTask<AuthenticationResult> AuthenticateAsync(AuthenticationRequest request, CancellationToken cancellationToken)
    {
        if (!authenticators.IsAvailable)
        {
            return AuthenticationResult.Unknown;
        }

        var refused = AuthenticationResult.Unknown;
        var leases = authenticators.AcquireAll();
        try
        {
            foreach (var lease in leases)
            {
                var result = await lease.Value.AuthenticateAsync(request, cancellationToken).ConfigureAwait(false);
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

        return refused;
    }

    private static UserInfo AsAuthenticated(UserInfo user) =>
        user.Groups.Contains(Authenticated) || user.Name == UserInfo.Anonymous.Name
            ? user
            : user with { Groups = [.. user.Groups, Authenticated] };
}
