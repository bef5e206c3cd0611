using Modular.Abstractions;
using Modular.PluginTests;

namespace Modular.PluginVerifier;

/// <summary>The tests of admission plugins.</summary>
public abstract class AdmissionVerification(PluginPlace place) : AdmissionTests
{
    private readonly RunningPlugin _plugin = new(place);

    public override async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await _plugin.DisposeAsync();
        await base.DisposeAsync();
    }

    protected override async ValueTask<IAdmission> StartAsync() => await _plugin.StartAsync<IAdmission>();
}

public sealed class AdmissionInProcess() : AdmissionVerification(PluginPlace.InProcess);

public sealed class AdmissionInItsOwnProcess() : AdmissionVerification(PluginPlace.OwnProcess);
