namespace Modular.Plugins.AdmissionKubernetes.Quotas;

/// <summary>Lets writes that the same quotas count wait for each other rather than run into conflicts. Namespaces share a fixed number of locks.</summary>
internal sealed class Turns : IDisposable
{
    private readonly SemaphoreSlim[] _locks = [.. Enumerable.Range(0, 64).Select(static _ => new SemaphoreSlim(1, 1))];

    public async ValueTask<IDisposable> TakeAsync(string ns, CancellationToken cancellationToken)
    {
        var turn = _locks[(uint)string.GetHashCode(ns, StringComparison.Ordinal) % (uint)_locks.Length];
        await turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        return new Turn(turn);
    }

    public void Dispose()
    {
        foreach (var turn in _locks)
        {
            turn.Dispose();
        }
    }

    private sealed class Turn(SemaphoreSlim turn) : IDisposable
    {
        public void Dispose() => turn.Release();
    }
}
