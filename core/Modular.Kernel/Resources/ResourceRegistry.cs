using System.Diagnostics.CodeAnalysis;

namespace Modular.Kernel;

/// <summary>Serves one frozen snapshot of the kinds at a time; a refresh replaces it whole.</summary>
public sealed class ResourceRegistry : IResourceRegistry
{
    private ResourceSnapshot _current = ResourceSnapshot.Empty;

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
        }
        finally
        {
            foreach (var lease in leases)
            {
                lease.Dispose();
            }
        }

        var snapshot = ResourceSnapshot.Build(answers, Generation + 1);
        await prepare(snapshot.All).ConfigureAwait(false);
        Volatile.Write(ref _current, snapshot);
    }
}
