using Grpc.Core;
using Modular.Abstractions;
using Protocol = Modular.PluginProcess.Protocol;

namespace Modular.PluginProcess.Contracts;

/// <summary>Answers for the authenticator that is provided.</summary>
internal sealed class AuthenticatorService(IContractSource contracts, SeenCertificates certificates) : Protocol.Authenticator.AuthenticatorBase
{
    public override async Task<Protocol.AuthenticationResult> Authenticate(Protocol.AuthenticationRequest request, ServerCallContext context)
    {
        var shown = new AuthenticationRequest
        {
            BearerToken = request.BearerToken,
            ClientCertificate = request.ClientCertificate.IsEmpty ? null : certificates.Get(request.ClientCertificate),
        };
        return SecurityMessages.ToMessage(await contracts.Get<IAuthenticator>().AuthenticateAsync(shown, context.CancellationToken));
    }
}
