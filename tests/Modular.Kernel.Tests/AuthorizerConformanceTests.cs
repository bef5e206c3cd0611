using Modular.PluginTests;

namespace Modular.Kernel.Tests;

/// <summary>What every authorizer has to do, asked of the kernel's own.</summary>
public sealed class AuthorizerConformanceTests : AuthorizerTests
{
    private const string Plugin = "system:plugin:scheduling";

    protected override AuthorizationRequest Allowed => new() { User = new UserInfo(Plugin), Verb = "list", Resource = "pods" };

    protected override AuthorizationRequest Refused => Allowed with { Verb = "delete" };

    protected override ValueTask<IAuthorizer> StartAsync()
    {
        var authorizer = new ManifestAuthorizer();
        authorizer.Register(Plugin, [new PermissionRule { Resources = ["pods"], Verbs = ["get", "list"] }]);
        return new(authorizer);
    }
}
