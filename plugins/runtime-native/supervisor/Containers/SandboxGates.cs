namespace Modular.RuntimeNative.Supervisor.Containers;

/// <summary>
/// Lets one change of a sandbox and its containers happen at a time, while those of others go on. A fixed number of gates, which sandboxes
/// share by chance: there is nothing to keep count of.
/// </summary>
internal sealed class SandboxGates
{
    private readonly SemaphoreSlim[] _gates = [.. Enumerable.Range(0, 64).Select(_ => new SemaphoreSlim(1, 1))];

    /// <summary>Waits for the gate; whoever disposes of the answer opens it for the next.</summary>
    public async ValueTask<Passage> EnterAsync(string sandboxId)
    {
        var gate = _gates[(uint)sandboxId.GetHashCode(StringComparison.Ordinal) % (uint)_gates.Length];
        await gate.WaitAsync().ConfigureAwait(false);
        return new Passage(gate);
    }

    /// <summary>Completes when everything that was under way has ended.</summary>
    public async Task PassAllAsync()
    {
        foreach (var gate in _gates)
        {
            await gate.WaitAsync().ConfigureAwait(false);
            gate.Release();
        }
    }

    public readonly struct Passage(SemaphoreSlim gate) : IDisposable
    {
        public void Dispose() => gate.Release();
    }
}
