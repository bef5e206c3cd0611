namespace Modular.PluginProcess;

/// <summary>The process of a plugin does not do what was asked of it: one line with who and why.</summary>
public sealed class PluginProcessException(string message, Exception? inner = null) : IOException(message, inner);
