namespace Modular.ApiServer;

/// <summary>Something made of all kinds when it is first asked for, and again when they have changed.</summary>
/// <param name="registry">The kinds.</param>
/// <param name="make">Makes it; nobody who waits can stop it, since others may wait too.</param>
internal sealed class MadeOfKinds<T>(IResourceRegistry registry, Func<IReadOnlyList<ResourceDefinition>, Task<T>> make)
{
    private readonly Lock _lock = new();
    private Task<T>? _made;
    private long _generation;

    /// <summary>Answers with it once it is made. What could not be made is tried again by the next who asks.</summary>
    public Task<T> GetAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            // Read first: a change in between is another generation to whoever asks next.
            var generation = registry.Generation;
            if (_made is null || _generation != generation || _made.IsFaulted)
            {
                var kinds = registry.All;
                _made = Task.Run(() => make(kinds), CancellationToken.None);
                _generation = generation;
            }

            return _made.WaitAsync(cancellationToken);
        }
    }
}
