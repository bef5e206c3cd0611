using System.Diagnostics.CodeAnalysis;

namespace Modular.Kernel;

/// <summary>Serves one frozen snapshot of the kinds at a time; a refresh replaces it whole.</summary>
public sealed class ResourceRegistry : IResourceRegistry
{
    private ResourceSnapshot _current = ResourceSnapshot.Empty();

    /// <inheritdoc />
    public long Generation => Volatile.Read(ref _current).Generation;

    /// <inheritdoc />
    public IReadOnlyList<ResourceDefinition> All => Volatile.Read(ref _current).All;

    /// <inheritdoc />
    public bool TryGet(GroupVersionResource resource, [MaybeNullWhen(false)] out ResourceDefinition definition) =>
        Volatile.Read(ref _current).TryGet(resource, out definition);

    /// <inheritdoc />
    public bool TryGet(GroupVersionKind kind, [MaybeNullWhen(false)] out ResourceDefinition definition) =>
        Volatile.Read(ref _current).TryGet(kind, out definition);

    /// <summary>The kinds that are served now.</summary>
    internal ResourceSnapshot Current => Volatile.Read(ref _current);

    /// <summary>Takes the kinds that are served now, and keeps their sources until the use is disposed.</summary>
    /// <exception cref="ApiException">ServiceUnavailable: nothing is served any more.</exception>
    internal IDisposable Use(out ResourceSnapshot kinds)
    {
        while (true)
        {
            kinds = Current;
            if (kinds.TryUse() is { } use)
            {
                return use;
            }

            if (kinds == Current)
            {
                throw RequestErrors.Stopping();
            }
        }
    }

    /// <summary>Nothing is written any more; gives the sources back when the last write has ended.</summary>
    internal Task RetireAsync() => Current.RetireAsync();

    /// <summary>The kind whose objects are the namespaces, or null while nobody brings one.</summary>
    internal ResourceDefinition? NamespaceKind => Volatile.Read(ref _current).NamespaceKind;

    /// <summary>Asks every source anew and serves what they answer.</summary>
    /// <param name="sources">Who brings kinds.</param>
    /// <param name="prepare">Readies what serving the kinds needs; they are found only afterwards.</param>
    /// <param name="cancellationToken">Ends the wait; the old snapshot stays.</param>
    /// <exception cref="InvalidOperationException">Two sources bring the same kind; the old snapshot stays.</exception>
    public async Task RefreshAsync(
        ContractHandle<IResourceSource> sources, Func<IReadOnlyList<ResourceDefinition>, Task> prepare, CancellationToken cancellationToken)
    {
        var answers = new List<(string Source, IReadOnlyList<ResourceDefinition> Kinds)>();
        var leases = sources.IsAvailable ? sources.AcquireAll() : [];
        try
        {
            foreach (var lease in leases)
            {
                answers.Add((lease.Provider.Name, await lease.Value.GetResourcesAsync(cancellationToken).ConfigureAwait(false)));
            }

            var snapshot = ResourceSnapshot.Build(answers, Generation + 1, leases);
            await prepare(snapshot.All).ConfigureAwait(false);
            // Whoever writes by the old kinds is not waited for: what would be is whoever ends a source.
            _ = Interlocked.Exchange(ref _current, snapshot).RetireAsync();
        }
        catch
        {
            foreach (var lease in leases)
            {
                lease.Dispose();
            }

            throw;
        }
    }
}
