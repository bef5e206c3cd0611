using Modular.Abstractions;
using Modular.PluginTests;

namespace Modular.PluginVerifier;

/// <summary>The tests of object stores.</summary>
public abstract class ObjectStoreVerification(PluginPlace place) : ObjectStoreTests
{
    private readonly RunningPlugin _plugin = new(place);

    protected override int RandomSteps => place == PluginPlace.InProcess ? base.RandomSteps : 100;

    public override async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await _plugin.DisposeAsync();
        await base.DisposeAsync();
    }

    protected override async ValueTask<IObjectStore> OpenAsync() => await _plugin.StartAsync<IObjectStore>();

    protected override async ValueTask<IObjectStore> ReopenAsync(bool crash) => await _plugin.RestartAsync<IObjectStore>(crash);
}

public sealed class ObjectStoreInProcess() : ObjectStoreVerification(PluginPlace.InProcess);

public sealed class ObjectStoreInItsOwnProcess() : ObjectStoreVerification(PluginPlace.OwnProcess);
