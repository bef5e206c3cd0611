using System.Buffers;

namespace Modular.ApiServer;

/// <summary>Where the events of one watch go.</summary>
internal interface IWatchSink
{
    /// <summary>Takes the next event.</summary>
    IBufferWriter<byte> Writer { get; }

    /// <summary>The event is complete.</summary>
    /// <param name="isLast">Whether it may be some time until the next.</param>
    /// <param name="cancellationToken">Ends the wait for a slow client.</param>
    /// <returns>False if the client is gone.</returns>
    ValueTask<bool> SendAsync(bool isLast, CancellationToken cancellationToken);
}
