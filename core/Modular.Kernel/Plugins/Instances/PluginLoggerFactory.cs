using Microsoft.Extensions.Logging;

namespace Modular.Kernel.Plugins;

/// <summary>Loggers of the host under the plugin's name, which together take so many lines a second.</summary>
internal sealed class PluginLoggerFactory(ILoggerFactory host, string plugin, LineRate rate) : ILoggerFactory
{
    public ILogger CreateLogger(string categoryName) => new RatedLogger(host.CreateLogger($"plugin.{plugin}.{categoryName}"), rate);

    public void AddProvider(ILoggerProvider provider) =>
        throw new NotSupportedException("the host decides where logs go");

    public void Dispose()
    {
        // The host's factory lives on.
    }
}
