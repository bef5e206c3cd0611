using Microsoft.Extensions.Logging;

namespace Modular.Kernel.Plugins;

internal static partial class PluginHostLog
{
    [LoggerMessage(1, LogLevel.Information, "plugin {Name} runs {Plugin} {Version}, epoch {Epoch}")]
    public static partial void Started(this ILogger log, string name, string plugin, string version, long epoch);

    [LoggerMessage(2, LogLevel.Error, "plugin {Name} failed: {Reason}: {Problem}")]
    public static partial void Failed(this ILogger log, string name, string reason, string problem);

    [LoggerMessage(3, LogLevel.Information, "plugin {Name} stopped {Plugin} {Version}: {Reason}")]
    public static partial void Stopped(this ILogger log, string name, string plugin, string version, StopReason reason);

    [LoggerMessage(4, LogLevel.Information, "plugin {Name} swapped {Old} for {New}")]
    public static partial void Swapped(this ILogger log, string name, string old, string @new);

    [LoggerMessage(5, LogLevel.Warning, "plugin {Name} did not end cleanly: {Problem}")]
    public static partial void EndedBadly(this ILogger log, string name, string problem);

    [LoggerMessage(6, LogLevel.Error, "plugin {Name}: {Problem}")]
    public static partial void ReconcileFailed(this ILogger log, string name, string problem);

    [LoggerMessage(7, LogLevel.Error, "plugin {Name}: work of {Plugin} {Version} ended with an exception that it did not handle; the host goes on without that work")]
    public static partial void Stray(this ILogger log, Exception exception, string name, string plugin, string version);
}
