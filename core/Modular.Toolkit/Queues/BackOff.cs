namespace Modular.Toolkit;

/// <summary>Delays that double with each failure up to a limit. Not thread-safe.</summary>
public sealed class BackOff<TKey>(TimeSpan first, TimeSpan longest)
    where TKey : notnull
{
    private readonly Dictionary<TKey, int> _failures = [];

    /// <summary>Counts a failure and says how long to wait.</summary>
    public TimeSpan Next(TKey key)
    {
        var failures = _failures.GetValueOrDefault(key);
        _failures[key] = failures + 1;
        return BackOffDelay.After(first, longest, failures);
    }

    /// <summary>The key's next failure is its first.</summary>
    public void Forget(TKey key) => _failures.Remove(key);
}
