namespace Modular.ApiFuzzer;

/// <summary>Chance that is the same for the same seed and iteration, on every machine.</summary>
internal sealed class Dice(int seed, int iteration)
{
    private readonly Random _random = new(unchecked((seed * 16_777_619) ^ (iteration * 40_503)));

    /// <summary>True in so many of a hundred cases.</summary>
    public bool Chance(int percent) => _random.Next(100) < percent;

    /// <summary>A number from 0 to below the limit.</summary>
    public int Next(int limit) => _random.Next(limit);

    /// <summary>One of these.</summary>
    public T Pick<T>(params IReadOnlyList<T> choices) => choices[_random.Next(choices.Count)];

    /// <summary>Any bytes.</summary>
    public byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        _random.NextBytes(bytes);
        return bytes;
    }
}
