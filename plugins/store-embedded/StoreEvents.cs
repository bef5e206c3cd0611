using Microsoft.Extensions.Logging;

namespace Modular.Plugins.StoreEmbedded;

/// <summary>What the store tells the log.</summary>
internal static partial class StoreEvents
{
    [LoggerMessage(EventId = 1, Level = LogLevel.Information,
        Message = "Store open at revision {Revision}, history from {Compacted}, {Keys} keys, in {Milliseconds:F0} ms")]
    public static partial void Opened(ILogger log, long revision, long compacted, long keys, double milliseconds);

    [LoggerMessage(EventId = 2, Level = LogLevel.Information, Message = "Snapshot of revision {Revision} written, {Bytes} bytes in {Milliseconds:F0} ms")]
    public static partial void SnapshotWritten(ILogger log, long revision, long bytes, double milliseconds);

    [LoggerMessage(EventId = 3, Level = LogLevel.Warning, Message = "Snapshot not written, the log grows until one can be: {Reason}")]
    public static partial void SnapshotFailed(ILogger log, string reason);

    [LoggerMessage(EventId = 4, Level = LogLevel.Error, Message = "No room for the log, writes are refused until there is: {Reason}")]
    public static partial void WritesOff(ILogger log, string reason);

    [LoggerMessage(EventId = 5, Level = LogLevel.Information, Message = "There is room for the log again, writes are accepted")]
    public static partial void WritesOn(ILogger log);

    [LoggerMessage(EventId = 6, Level = LogLevel.Critical, Message = "The store stops at revision {Revision}")]
    public static partial void Failed(ILogger log, Exception reason, long revision);
}
