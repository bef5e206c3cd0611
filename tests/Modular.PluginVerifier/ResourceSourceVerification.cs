using Modular.Abstractions;
using Modular.PluginTests;

namespace Modular.PluginVerifier;

/// <summary>The tests of resource sources.</summary>
public abstract class ResourceSourceVerification(PluginPlace place) : ResourceSourceTests
{
    private readonly RunningPlugin _plugin = new(place);

    public override async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await _plugin.DisposeAsync();
        await base.DisposeAsync();
    }

    protected override async ValueTask<IResourceSource> StartAsync() => await _plugin.StartAsync<IResourceSource>();
}

public sealed class ResourceSourceInProcess() : ResourceSourceVerification(PluginPlace.InProcess);

public sealed class ResourceSourceInItsOwnProcess() : ResourceSourceVerification(PluginPlace.OwnProcess);
