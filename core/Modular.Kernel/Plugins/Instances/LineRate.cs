namespace Modular.Kernel.Plugins;

/// <summary>Admits so many lines each second. Thread-safe.</summary>
internal sealed class LineRate(int most, TimeProvider time)
{
    private readonly Lock _lock = new();
    private long _second;
    private int _lines;
    private int _refused;

    /// <summary>Whether one more line may be written now.</summary>
    /// <param name="refused">How many were refused in the seconds before, told once.</param>
    public bool Admits(out int refused)
    {
        lock (_lock)
        {
            refused = 0;
            var second = time.GetTimestamp() / time.TimestampFrequency;
            if (second != _second)
            {
                (refused, _second, _lines, _refused) = (_refused, second, 0, 0);
            }

            if (_lines < most)
            {
                _lines++;
                return true;
            }

            _refused++;
            return false;
        }
    }
}
