using System.IO.Compression;

namespace Modular.Plugins.NodeAgent.PortForward.Spdy;

/// <summary>Writes the header blocks of one connection. Answers have no headers, so nothing is won by compressing them.</summary>
internal sealed class SpdyHeaderWriter : IDisposable
{
    private readonly MemoryStream _written = new();
    private readonly ZLibStream _compression;

    public SpdyHeaderWriter() => _compression = new ZLibStream(_written, CompressionLevel.NoCompression, leaveOpen: true);

    public void Dispose()
    {
        _compression.Dispose();
        _written.Dispose();
    }

    /// <summary>A block without headers, valid until the next call.</summary>
    public ReadOnlyMemory<byte> WriteNone()
    {
        _written.SetLength(0);
        _compression.Write([0, 0, 0, 0]);
        _compression.Flush();
        return _written.GetBuffer().AsMemory(0, (int)_written.Length);
    }
}
