namespace Modular.Plugins.StoreEmbedded.Log;

/// <summary>A segment as it was found at start.</summary>
/// <param name="Stamp">Its stamp.</param>
/// <param name="Size">The file's length.</param>
/// <param name="LastFrame">Where its last whole frame begins.</param>
/// <param name="End">Where that frame ends; the end of the header if there is none.</param>
/// <param name="LastRevision">The last revision in it; 0 if it holds no frame.</param>
internal readonly record struct FoundSegment(SegmentStamp Stamp, long Size, long LastFrame, long End, long LastRevision)
{
    public bool IsEmpty => LastRevision == 0;
}
