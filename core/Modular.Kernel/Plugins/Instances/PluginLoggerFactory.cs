using Microsoft.Extensions.Logging;

namespace Modular.Kernel.Plugins;

/// <summary>Loggers of the host under the plugin's name.</summary>
internal sealed class PluginLoggerFactory(ILoggerFactory host, string plugin) : ILoggerFactory
{
    public ILogger CreateLogger(string categoryName) => host.CreateLogger($"plugin.{plugin}.{categoryName}");

    public void AddProvider(ILoggerProvider provider) =>
        throw new NotSupportedException("the host decides where logs go");

    public void Dispose()
    {
        // The host's factory lives on.
    }
}
