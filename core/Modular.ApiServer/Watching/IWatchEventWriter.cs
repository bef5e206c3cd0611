using System.Buffers;

namespace Modular.ApiServer;

/// <summary>Writes the events of one watch in one form.</summary>
internal interface IWatchEventWriter : IDisposable
{
    /// <summary>Readies what the next events need beside themselves.</summary>
    ValueTask PrepareAsync(IReadOnlyList<WatchEvent> events, CancellationToken cancellationToken);

    /// <summary>Writes the next event of those that were prepared last.</summary>
    void Write(IBufferWriter<byte> writer, WatchEvent watchEvent);

    /// <summary>Writes the event that tells why a watch ends.</summary>
    void WriteError(IBufferWriter<byte> writer, ApiStatus status);
}
