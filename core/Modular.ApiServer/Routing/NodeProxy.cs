namespace Modular.ApiServer;

/// <summary>Hands a client's own request over to the node it is for, so that streams and upgrades pass without a copy.</summary>
internal sealed class NodeProxy(Func<string, ContractLease<INodeEndpoint>?> findNode)
{
    /// <summary>Rewrites path and query and lets the node answer, which learns who asks.</summary>
    /// <exception cref="ApiException">ServiceUnavailable: nobody speaks for the node.</exception>
    public async Task ForwardAsync(HttpContext context, UserInfo user, NodeRequest target)
    {
        if (findNode(target.Node) is not { } lease)
        {
            throw new ApiException(StatusReason.ServiceUnavailable, $"node \"{target.Node}\" cannot be reached: nobody serves its streams");
        }

        using (lease)
        {
            context.Request.Path = PathString.FromUriComponent(target.Path);
            context.Request.QueryString = new QueryString(target.Query);
            context.Features.Set(user);
            await lease.Value.HandleAsync(context).ConfigureAwait(false);
        }
    }
}
