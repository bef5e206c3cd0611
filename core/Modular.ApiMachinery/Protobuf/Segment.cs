namespace Modular.ApiMachinery;

/// <summary>What one field or one entry of a map takes of the encoder's output, so that it can be put in order afterwards.</summary>
/// <param name="Field">The field.</param>
/// <param name="Start">Where its bytes begin.</param>
/// <param name="Length">How many they are.</param>
/// <param name="KeyStart">For an entry of a map: where its key begins.</param>
/// <param name="KeyLength">For an entry of a map: how long its key is.</param>
internal readonly record struct Segment(ProtobufField Field, int Start, int Length, int KeyStart, int KeyLength);

/// <summary>Sorts a map's entries by their keys' bytes.</summary>
internal readonly struct SegmentKeyComparer(PooledBuffer output) : IComparer<Segment>
{
    public int Compare(Segment x, Segment y) =>
        output.WrittenSpan.Slice(x.KeyStart, x.KeyLength).SequenceCompareTo(output.WrittenSpan.Slice(y.KeyStart, y.KeyLength));
}
