using Modular.Abstractions;

namespace Modular.PluginProcess.Contracts;

/// <summary>What another process has taken for a write.</summary>
/// <param name="end">Tells it whether that was kept; called once.</param>
internal sealed class RemoteReservation(Action<bool> end) : IReservation
{
    private bool _kept;
    private int _ended;

    public void Keep() => _kept = true;

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _ended, 1) == 0)
        {
            end(_kept);
        }
    }
}
