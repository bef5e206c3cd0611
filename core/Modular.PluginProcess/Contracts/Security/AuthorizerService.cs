using Grpc.Core;
using Modular.Abstractions;
using Protocol = Modular.PluginProcess.Protocol;

namespace Modular.PluginProcess.Contracts;

/// <summary>Answers for the authorizer that is provided.</summary>
internal sealed class AuthorizerService(IContractSource contracts) : Protocol.Authorizer.AuthorizerBase
{
    public override async Task<Protocol.AuthorizationResult> Authorize(Protocol.AuthorizationRequest request, ServerCallContext context) =>
        SecurityMessages.ToMessage(await contracts.Get<IAuthorizer>().AuthorizeAsync(SecurityMessages.FromMessage(request), context.CancellationToken));
}
