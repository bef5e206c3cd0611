using Modular.Abstractions;
using Protocol = Modular.PluginProcess.Protocol;

namespace Modular.PluginProcess.Contracts;

/// <summary>An authenticator in another process.</summary>
internal sealed class RemoteAuthenticator(RemotePlugin plugin) : IAuthenticator
{
    private readonly Protocol.Authenticator.AuthenticatorClient _client = new(plugin.Channel);

    public async ValueTask<AuthenticationResult> AuthenticateAsync(AuthenticationRequest request, CancellationToken cancellationToken)
    {
        var result = await plugin.CallAsync(_client.AuthenticateAsync, SecurityMessages.ToMessage(request), cancellationToken).ConfigureAwait(false);
        return result.User is { Name: "" } ? throw plugin.Wrong("vouched for a user without a name") : SecurityMessages.FromMessage(result);
    }
}
