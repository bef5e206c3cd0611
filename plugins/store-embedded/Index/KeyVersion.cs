namespace Modular.Plugins.StoreEmbedded.Index;

/// <summary>What one commit made of a key; a deletion has no value.</summary>
internal sealed class KeyVersion(KeyNode node, byte[]? value, long createRevision, long modRevision, KeyVersion? older)
{
    public KeyNode Node { get; } = node;

    public byte[]? Value { get; } = value;

    public long CreateRevision { get; } = createRevision;

    public long ModRevision { get; } = modRevision;

    /// <summary>The version before, until compaction cuts it off.</summary>
    public KeyVersion? Older { get; set; } = older;

    public StoreEntry ToEntry(bool keyOnly) => new(Node.Key, keyOnly ? default : Value, CreateRevision, ModRevision);

    public StoreChange ToChange(bool withPrevious) => new()
    {
        Key = Node.Key,
        Revision = ModRevision,
        Value = Memory(Value),
        Previous = withPrevious ? Memory(Older?.Value) : null,
        CreateRevision = CreateRevision,
    };

    // A null array converts to empty memory, which would be a value.
    private static ReadOnlyMemory<byte>? Memory(byte[]? value) => value is null ? default(ReadOnlyMemory<byte>?) : value.AsMemory();
}
