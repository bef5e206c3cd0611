namespace Modular.Plugins.StoreEmbedded.Log;

/// <summary>The files hold damage that is not the end of a write that was cut off; starting would lose what was acknowledged.</summary>
internal sealed class CorruptLogException(string file, long offset, string what)
    : Exception($"{file} is damaged at byte {offset}: {what}; restore the store's directory from a copy, nothing was changed")
{
    public string File { get; } = file;

    public long Offset { get; } = offset;
}
