using Modular.Abstractions;
using Protocol = Modular.PluginProcess.Protocol;

namespace Modular.PluginProcess.Contracts;

/// <summary>An authorizer in another process.</summary>
internal sealed class RemoteAuthorizer(RemotePlugin plugin) : IAuthorizer
{
    private readonly Protocol.Authorizer.AuthorizerClient _client = new(plugin.Channel);

    public async ValueTask<AuthorizationResult> AuthorizeAsync(AuthorizationRequest request, CancellationToken cancellationToken)
    {
        var result = SecurityMessages.FromMessage(
            await plugin.CallAsync(_client.AuthorizeAsync, SecurityMessages.ToMessage(request), cancellationToken).ConfigureAwait(false));
        return Enum.IsDefined(result.Decision) ? result : throw plugin.Wrong($"decided {result.Decision}, which is no decision");
    }
}
