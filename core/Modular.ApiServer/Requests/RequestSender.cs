namespace Modular.ApiServer;

/// <summary>Finds out who sent a request.</summary>
internal static class RequestSender
{
    private const string Bearer = "Bearer ";

    /// <summary>Asks the authenticators about the request's credentials.</summary>
    /// <exception cref="ApiException">Unauthorized, if the credentials are wrong.</exception>
    public static async ValueTask<UserInfo> AuthenticateAsync(HttpContext context, Authenticate authenticate)
    {
        var authorization = context.Request.Headers.Authorization;
        var token = authorization.Count == 1 && authorization[0] is { } header && header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase)
            ? header[Bearer.Length..].Trim()
            : "";
        var request = new AuthenticationRequest { BearerToken = token, ClientCertificate = context.Connection.ClientCertificate };
        var result = await authenticate(request, context.RequestAborted).ConfigureAwait(false);
        if (result.User is { } user)
        {
            return user;
        }

        // Somebody who shows a token nobody knows is not the same as somebody who shows nothing.
        return result.Error.Length > 0 || token.Length > 0
            ? throw new ApiException(StatusReason.Unauthorized, "Unauthorized")
            : UserInfo.Anonymous;
    }
}
