using System.Buffers.Binary;
using System.Text;
using ICSharpCode.SharpZipLib.Zip.Compression;

namespace Modular.Plugins.NodeAgent.PortForward.Spdy;

/// <summary>Reads the header blocks of one connection: each is compressed by what came before it.</summary>
internal sealed class SpdyHeaderReader
{
    /// <summary>What a block may unfold to.</summary>
    public const int Limit = 16 * 1024;

    private readonly Inflater _inflater = new();
    private readonly byte[] _block = new byte[Limit];

    /// <summary>The headers by their names, in lower case.</summary>
    /// <exception cref="SpdyException">The block is too large, or is none.</exception>
    public IReadOnlyDictionary<string, string> Read(byte[] compressed, int offset, int count)
    {
        var rest = _block.AsSpan(0, Inflate(compressed, offset, count));
        var headers = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var number = ReadLength(ref rest); number > 0; number--)
        {
            var name = ReadText(ref rest);
            headers[name] = ReadText(ref rest);
        }

        return headers;
    }

    private int Inflate(byte[] compressed, int offset, int count)
    {
        try
        {
            _inflater.SetInput(compressed, offset, count);
            for (var length = 0; ;)
            {
                var inflated = _inflater.Inflate(_block, length, Limit - length);
                length += inflated;
                if (length == Limit)
                {
                    throw new SpdyException($"a block of headers is larger than {Limit} bytes");
                }

                if (inflated > 0)
                {
                    continue;
                }

                if (!_inflater.IsNeedingDictionary)
                {
                    return length;
                }

                _inflater.SetDictionary(SpdyDictionary.Bytes);
            }
        }
        catch (Exception exception) when (exception is not SpdyException)
        {
            // The inflater has no one exception for what it can't read.
            throw new SpdyException($"a block of headers can't be read: {exception.Message}");
        }
    }

    private static string ReadText(ref Span<byte> rest)
    {
        var length = ReadLength(ref rest);
        if (length > (uint)rest.Length)
        {
            throw new SpdyException("a block of headers ends too early");
        }

        var text = Encoding.UTF8.GetString(rest[..(int)length]);
        rest = rest[(int)length..];
        return text;
    }

    private static uint ReadLength(ref Span<byte> rest)
    {
        if (!BinaryPrimitives.TryReadUInt32BigEndian(rest, out var length))
        {
            throw new SpdyException("a block of headers ends too early");
        }

        rest = rest[sizeof(uint)..];
        return length;
    }
}
