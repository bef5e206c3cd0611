namespace Modular.PluginLoader;

/// <summary>A plugin that cannot be loaded: one line with what to do, and a reason in CamelCase for its conditions.</summary>
public sealed class PluginLoadException(string reason, string message, Exception? inner = null) : Exception(message, inner)
{
    public string Reason { get; } = reason;
}
