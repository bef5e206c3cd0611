namespace Modular.Plugins.NodeAgent.Volumes;

/// <summary>A file that a volume is to hold.</summary>
/// <param name="Path">Relative to the volume.</param>
/// <param name="Data">What is in it; never logged.</param>
/// <param name="Mode">Its permissions.</param>
internal sealed record VolumeFile(string Path, byte[] Data, UnixFileMode Mode)
{
    public bool IsSame(VolumeFile other) => Path == other.Path && Mode == other.Mode && Data.AsSpan().SequenceEqual(other.Data);
}
