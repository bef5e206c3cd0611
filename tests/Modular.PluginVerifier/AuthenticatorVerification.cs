using Modular.Abstractions;
using Modular.PluginTests;

namespace Modular.PluginVerifier;

/// <summary>The tests of authenticators.</summary>
public abstract class AuthenticatorVerification(PluginPlace place) : AuthenticatorTests
{
    private readonly RunningPlugin _plugin = new(place);

    public override async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await _plugin.DisposeAsync();
        await base.DisposeAsync();
    }

    protected override async ValueTask<IAuthenticator> StartAsync() => await _plugin.StartAsync<IAuthenticator>();
}

public sealed class AuthenticatorInProcess() : AuthenticatorVerification(PluginPlace.InProcess);

public sealed class AuthenticatorInItsOwnProcess() : AuthenticatorVerification(PluginPlace.OwnProcess);
