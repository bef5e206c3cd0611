using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Modular.Abstractions;
using Modular.ApiMachinery;

namespace Modular.Plugins.SecurityFixture;

/// <summary>Decides by names: what it is asked says what it shall answer.</summary>
public sealed partial class SecurityFixturePlugin : IPlugin, IAuthenticator, IAuthorizer, IAdmission
{
    private ILogger? _log;
    private IPluginContext? _context;

    public ValueTask ProvisionAsync(IPluginContext context, CancellationToken cancellationToken)
    {
        _context = context;
        _log = context.Log.CreateLogger("fixture");
        context.Provide<IAuthenticator>(this);
        context.Provide<IAuthorizer>(this);
        context.Provide<IAdmission>(this);
        return ValueTask.CompletedTask;
    }

    public ValueTask<AuthenticationResult> AuthenticateAsync(AuthenticationRequest request, CancellationToken cancellationToken) => request switch
    {
        { BearerToken: "broken" } => throw new InvalidOperationException("the table of users is lost"),
        { BearerToken: "wrong" } => ValueTask.FromResult(new AuthenticationResult { Error = "the token has expired" }),
        { BearerToken: "known" } => ValueTask.FromResult(new AuthenticationResult { User = new UserInfo("carla") { Groups = ["builders", "painters"], Uid = "7" } }),
        { ClientCertificate: { } certificate } => ValueTask.FromResult(
            new AuthenticationResult { User = new UserInfo(certificate.Subject) { Uid = certificate.Thumbprint } }),
        _ => ValueTask.FromResult(AuthenticationResult.Unknown),
    };

    public ValueTask<AuthorizationResult> AuthorizeAsync(AuthorizationRequest request, CancellationToken cancellationToken) => request.Verb switch
    {
        "get" when request.User.Name == "carla" => ValueTask.FromResult(new AuthorizationResult(AuthorizationDecision.Allow)),
        "delete" => ValueTask.FromResult(new AuthorizationResult(AuthorizationDecision.Deny, $"{request.User.Name} deletes nothing")),
        "patch" => throw new InvalidOperationException("the table of roles is lost"),
        _ => ValueTask.FromResult(new AuthorizationResult(AuthorizationDecision.NoOpinion)),
    };

    public bool Handles(GroupVersionResource resource, string subresource, AdmissionOperation operation)
    {
        LogAsked(_log!, resource.Resource, operation);
        if (resource.Resource == "secrets")
        {
            _context!.Renew();
        }

        return resource.Resource != "events" && subresource.Length == 0;
    }

    public ValueTask MutateAsync(AdmissionRequest request, CancellationToken cancellationToken)
    {
        switch (request.Name)
        {
            case "broken":
                throw new InvalidOperationException("the rules are lost");
            case "refused":
                throw new ApiException(new ApiStatus(StatusReason.Invalid, "Pod \"refused\" is invalid: spec.size: Invalid value: 9: must be smaller")
                {
                    Kind = "Pod",
                    Name = "refused",
                    Causes = [new StatusCause("FieldValueInvalid", "Invalid value: 9: must be smaller", "spec.size")],
                });
            case "changed":
                request.Object!["metadata"]!["labels"] = new JsonObject { ["writer"] = request.User.Name, ["old"] = request.OldObject?["kind"]?.GetValue<string>() };
                request.Object.Remove("spec");
                break;
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask ValidateAsync(AdmissionRequest request, CancellationToken cancellationToken) => request.Name == "forbidden"
        ? throw new ApiException(StatusReason.Forbidden, $"pods \"forbidden\" is forbidden: {request.Operation} by {request.User.Name} in {request.Namespace}, dry run {request.DryRun}")
        : ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [LoggerMessage(LogLevel.Information, "asked about {Resource} {Operation}")]
    private static partial void LogAsked(ILogger log, string resource, AdmissionOperation operation);
}
