namespace Modular.Kernel.Plugins;

/// <summary>A step of a plugin's life that did not succeed, with a reason in CamelCase for its conditions.</summary>
internal sealed class PluginStepException(string reason, string message, Exception? inner = null) : Exception(message, inner)
{
    public string Reason { get; } = reason;
}
