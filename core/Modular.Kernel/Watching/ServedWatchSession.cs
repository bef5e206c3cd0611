using System.Runtime.CompilerServices;

namespace Modular.Kernel;

/// <summary>A watch whose objects are told in another version than they are stored in.</summary>
internal sealed class ServedWatchSession(IWatchSession stored, ServedVersion version) : IWatchSession
{
    /// <inheritdoc />
    public async IAsyncEnumerable<IReadOnlyList<WatchEvent>> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var batch in stored.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            var objects = new ApiObject[batch.Count];
            for (var i = 0; i < objects.Length; i++)
            {
                objects[i] = batch[i].Object;
            }

            var served = await version.ServeAsync(objects, cancellationToken).ConfigureAwait(false);
            var events = new WatchEvent[batch.Count];
            for (var i = 0; i < events.Length; i++)
            {
                events[i] = new WatchEvent(batch[i].Type, served[i]);
            }

            yield return events;
        }
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => stored.DisposeAsync();
}
