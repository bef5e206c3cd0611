namespace Modular.PluginVerifier;

/// <summary>Where a plugin runs while it is verified.</summary>
public enum PluginPlace
{
    InProcess,
    OwnProcess,
}
