namespace Modular.ApiServer;

/// <summary>Requests that somebody makes as somebody else, by the headers Impersonate-User, -Group, -Uid and -Extra-NAME.</summary>
internal sealed class Impersonation(IRequestPipeline pipeline)
{
    private const string UserHeader = "Impersonate-User";
    private const string GroupHeader = "Impersonate-Group";
    private const string UidHeader = "Impersonate-Uid";
    private const string ExtraHeader = "Impersonate-Extra-";
    private const string ServiceAccountPrefix = "system:serviceaccount:";
    private const string Authenticated = "system:authenticated";
    private const string Unauthenticated = "system:unauthenticated";

    /// <summary>Who a request is to be taken for: its sender, or whom the sender stands for.</summary>
    /// <exception cref="ApiException">Forbidden: the sender may not; BadRequest: the headers name nobody.</exception>
    public ValueTask<UserInfo> ResolveAsync(HttpContext context, UserInfo sender) =>
        Asks(context.Request.Headers) ? TakeOverAsync(context, sender) : new(sender);

    private static bool Asks(IHeaderDictionary headers)
    {
        foreach (var (name, _) in headers)
        {
            if (name.StartsWith("Impersonate-", StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    private async ValueTask<UserInfo> TakeOverAsync(HttpContext context, UserInfo sender)
    {
        var headers = context.Request.Headers;
        var user = headers[UserHeader].ToString();
        if (user.Length == 0)
        {
            throw new ApiException(StatusReason.BadRequest, $"{GroupHeader}, {UidHeader} and {ExtraHeader}* need {UserHeader} beside them: nobody is to be impersonated");
        }

        var stop = context.RequestAborted;
        var parts = user.StartsWith(ServiceAccountPrefix, StringComparison.Ordinal) ? user[ServiceAccountPrefix.Length..].Split(':') : [];
        await pipeline.AuthorizeAsync(
            parts.Length == 2
                ? new AuthorizationRequest { User = sender, Verb = "impersonate", Version = "v1", Resource = "serviceaccounts", Namespace = parts[0], Name = parts[1] }
                : Of(sender, "", "users", user),
            stop).ConfigureAwait(false);
        var groups = headers[GroupHeader].OfType<string>().Where(static group => group.Length > 0).ToList();
        foreach (var group in groups)
        {
            await pipeline.AuthorizeAsync(Of(sender, "", "groups", group), stop).ConfigureAwait(false);
        }

        var uid = headers[UidHeader].ToString();
        if (uid.Length > 0)
        {
            await pipeline.AuthorizeAsync(Of(sender, "authentication.k8s.io", "uids", uid), stop).ConfigureAwait(false);
        }

        var extra = ExtraOf(headers);
        foreach (var (name, values) in extra)
        {
            foreach (var value in values)
            {
                await pipeline.AuthorizeAsync(Of(sender, "authentication.k8s.io", "userextras", value) with { Subresource = name }, stop).ConfigureAwait(false);
            }
        }

        if (groups.Count == 0 && parts.Length == 2)
        {
            groups = ["system:serviceaccounts", $"system:serviceaccounts:{parts[0]}"];
        }

        var standing = user == UserInfo.Anonymous.Name ? Unauthenticated : Authenticated;
        if (!groups.Contains(Authenticated) && !groups.Contains(Unauthenticated))
        {
            groups.Add(standing);
        }

        return new UserInfo(user) { Groups = groups, Uid = uid, Extra = extra };
    }

    /// <summary>What is said of the user besides: names come in lower case, with what a header's name may not hold escaped.</summary>
    private static Dictionary<string, IReadOnlyList<string>> ExtraOf(IHeaderDictionary headers)
    {
        var extra = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        foreach (var (header, values) in headers)
        {
            if (header.StartsWith(ExtraHeader, StringComparison.OrdinalIgnoreCase))
            {
                extra[Uri.UnescapeDataString(header[ExtraHeader.Length..].ToLowerInvariant())] = [.. values.OfType<string>()];
            }
        }

        return extra;
    }

    private static AuthorizationRequest Of(UserInfo sender, string group, string resource, string name) =>
        new() { User = sender, Verb = "impersonate", Group = group, Version = "v1", Resource = resource, Name = name };
}
