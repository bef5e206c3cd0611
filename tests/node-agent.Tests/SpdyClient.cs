using System.Buffers.Binary;
using System.Net.WebSockets;
using System.Text;
using ICSharpCode.SharpZipLib.Zip.Compression;
using Modular.Plugins.NodeAgent.PortForward.Spdy;

namespace Modular.Plugins.NodeAgent.Tests;

/// <summary>The client's side of SPDY/3.1, one frame at a time.</summary>
internal sealed class SpdyClient(Stream transport)
{
    private readonly Deflater _deflater = new(Deflater.BEST_COMPRESSION);
    private readonly Inflater _inflater = new();
    private bool _begun;

    /// <summary>What a frame says; a control frame has a type, a data frame a stream.</summary>
    internal sealed record Frame(int Type, uint Stream, bool Finish, byte[] Content)
    {
        public string Text => Encoding.UTF8.GetString(Content);
    }

    public Task OpenAsync(uint stream, string type, int port, string request, CancellationToken token) =>
        OpenAsync(stream, new() { ["streamtype"] = type, ["port"] = $"{port}", ["requestid"] = request }, token);

    public Task OpenAsync(uint stream, Dictionary<string, string> headers, CancellationToken token)
    {
        var content = new MemoryStream();
        Write(content, stream);
        Write(content, 0);
        content.Write([0, 0]);
        content.Write(Compress(headers));
        return SendAsync(1, 0, content.ToArray(), token);
    }

    public Task SendAsync(int type, byte flags, byte[] content, CancellationToken token)
    {
        var frame = new byte[8 + content.Length];
        BinaryPrimitives.WriteUInt32BigEndian(frame, 0x8003_0000 | (uint)type);
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(4), ((uint)flags << 24) | (uint)content.Length);
        content.CopyTo(frame, 8);
        return transport.WriteAsync(frame, token).AsTask();
    }

    public Task SendDataAsync(uint stream, byte[] data, bool finish, CancellationToken token)
    {
        var frame = new byte[8 + data.Length];
        BinaryPrimitives.WriteUInt32BigEndian(frame, stream);
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(4), (finish ? 1u << 24 : 0) | (uint)data.Length);
        data.CopyTo(frame, 8);
        return transport.WriteAsync(frame, token).AsTask();
    }

    public Task ResetAsync(uint stream, CancellationToken token) => SendAsync(3, 0, Numbers(stream, 5), token);

    /// <summary>The next frame; null at the end, even if it is a sudden one.</summary>
    public async Task<Frame?> ReadAsync(CancellationToken token)
    {
        var header = new byte[8];
        try
        {
            if (await transport.ReadAtLeastAsync(header, 8, throwOnEndOfStream: false, token) < 8)
            {
                return null;
            }
        }
        catch (Exception exception) when (exception is WebSocketException or IOException)
        {
            return null;
        }

        var content = new byte[BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(4)) & 0xFF_FFFF];
        await transport.ReadExactlyAsync(content, token);
        var first = BinaryPrimitives.ReadUInt32BigEndian(header);
        if ((first & 0x8000_0000) == 0)
        {
            return new Frame(0, first, (header[4] & 1) != 0, content);
        }

        Assert.Equal(0x8003u, first >> 16);
        var type = (int)(first & 0xFFFF);
        if (type == 2)
        {
            // Answers have no headers, and no more than that in their blocks.
            _inflater.SetInput(content, 4, content.Length - 4);
            var block = new byte[64];
            Assert.Equal(4, _inflater.Inflate(block));
            Assert.Equal(0, BinaryPrimitives.ReadInt32BigEndian(block));
        }

        return new Frame(type, content.Length >= 4 ? BinaryPrimitives.ReadUInt32BigEndian(content) : 0, (header[4] & 1) != 0, content);
    }

    public static byte[] Numbers(params uint[] numbers)
    {
        var bytes = new MemoryStream();
        foreach (var number in numbers)
        {
            Write(bytes, number);
        }

        return bytes.ToArray();
    }

    private byte[] Compress(Dictionary<string, string> headers)
    {
        var block = new MemoryStream();
        Write(block, (uint)headers.Count);
        foreach (var text in headers.SelectMany(header => new[] { header.Key, header.Value }))
        {
            Write(block, (uint)text.Length);
            block.Write(Encoding.ASCII.GetBytes(text));
        }

        if (!_begun)
        {
            _deflater.SetDictionary(SpdyDictionary.Bytes);
            _begun = true;
        }

        _deflater.SetInput(block.ToArray());
        _deflater.Flush();
        var compressed = new MemoryStream();
        var buffer = new byte[4096];
        while (_deflater.Deflate(buffer) is > 0 and var count)
        {
            compressed.Write(buffer, 0, count);
        }

        return compressed.ToArray();
    }

    private static void Write(MemoryStream bytes, uint number)
    {
        Span<byte> big = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(big, number);
        bytes.Write(big);
    }
}
