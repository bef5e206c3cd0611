namespace Modular.ApiServer;

/// <summary>Finds the plugin that serves a path the API itself does not know.</summary>
internal sealed class PluginEndpoints(Func<IReadOnlyList<ContractLease<IHttpEndpoints>>> acquire)
{
    /// <summary>Lets a plugin answer, which learns who asks; false if none serves the path.</summary>
    public async Task<bool> TryHandleAsync(HttpContext context, UserInfo user, string path)
    {
        var leases = acquire();
        try
        {
            foreach (var lease in leases)
            {
                if (Serves(lease.Value, path))
                {
                    context.Features.Set(user);
                    await lease.Value.HandleAsync(context).ConfigureAwait(false);
                    return true;
                }
            }

            return false;
        }
        finally
        {
            foreach (var lease in leases)
            {
                lease.Dispose();
            }
        }
    }

    private static bool Serves(IHttpEndpoints endpoints, string path)
    {
        foreach (var prefix in endpoints.Prefixes)
        {
            var length = prefix.Length > 1 && prefix.EndsWith('/') ? prefix.Length - 1 : prefix.Length;
            if (path.AsSpan().StartsWith(prefix.AsSpan(0, length), StringComparison.Ordinal)
                && (path.Length == length || path[length] == '/' || length == 1))
            {
                return true;
            }
        }

        return false;
    }
}
