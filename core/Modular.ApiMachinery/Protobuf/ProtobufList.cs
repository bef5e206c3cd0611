using System.Buffers;
using System.Globalization;
using System.Text;

namespace Modular.ApiMachinery;

/// <summary>
/// Writes a list as protobuf: the envelope, the list's metadata, the items' messages one after the other. The envelope tells the length of it all first, so items are
/// measured before they are written. What measuring has made of the first ones is kept, which is all of a small list; of a large one the others are encoded twice, so that
/// it is never whole in memory. Belongs to one answer; not thread-safe.
/// </summary>
public sealed class ProtobufList : IDisposable
{
    private const byte MetadataTag = 0x0a;
    private const byte ItemTag = 0x12;
    private const int KeptBytes = 512 * 1024;

    private readonly string _apiVersion;
    private readonly string _kind;
    private readonly Schema _items;
    private readonly ProtobufEncoder _encoder = new();
    private readonly PooledBuffer _metadata = new();
    private readonly PooledBuffer _kept = new();
    private long _size;

    /// <summary>Describes a list.</summary>
    /// <param name="apiVersion">The list's.</param>
    /// <param name="kind">The list's, such as <c>PodList</c>.</param>
    /// <param name="items">The schema of its items.</param>
    /// <param name="revision">Its resourceVersion; 0 for none.</param>
    /// <param name="continueToken">Asks for the next page; empty on the last.</param>
    /// <param name="remaining">How many objects follow, where known.</param>
    public ProtobufList(string apiVersion, string kind, Schema items, long revision, string continueToken, long? remaining)
    {
        (_apiVersion, _kind, _items) = (apiVersion, kind, items);
        if (revision > 0)
        {
            WriteText(0x12, revision.ToString(CultureInfo.InvariantCulture));
        }

        if (continueToken.Length > 0)
        {
            WriteText(0x1a, continueToken);
        }

        if (remaining is { } count and > 0)
        {
            _metadata.WriteByte(0x20);
            _metadata.WriteVarint((ulong)count);
        }
    }

    /// <summary>How many of the first items were kept, and are written by <see cref="WriteHead"/>.</summary>
    public int Kept { get; private set; }

    /// <summary>Measures the next item. All must be measured before the first byte is written.</summary>
    /// <exception cref="InvalidDataException">The object is not what its schema says.</exception>
    public void Measure(ApiObject item)
    {
        var message = _encoder.Encode(item, _items);
        // Only what was kept without a gap is of use.
        if (_size == _kept.Length && _size < KeptBytes)
        {
            WriteItem(_kept, message);
            Kept++;
        }

        _size += 1 + ProtobufEnvelope.Sized(message.Length);
    }

    /// <summary>Writes everything before the items, and those that were kept.</summary>
    public void WriteHead(IBufferWriter<byte> writer)
    {
        ProtobufEnvelope.WriteHead(writer, _apiVersion, _kind, 1 + ProtobufEnvelope.Sized(_metadata.Length) + _size);
        WriteMessage(writer, MetadataTag, _metadata.WrittenSpan);
        writer.Write(_kept.WrittenSpan);
    }

    /// <summary>Writes an item that was not kept.</summary>
    public void WriteItem(IBufferWriter<byte> writer, ApiObject item) => WriteItem(writer, _encoder.Encode(item, _items));

    /// <summary>Writes everything after the last item.</summary>
    public static void WriteTail(IBufferWriter<byte> writer) => ProtobufEnvelope.WriteTail(writer);

    /// <inheritdoc />
    public void Dispose()
    {
        _encoder.Dispose();
        _metadata.Dispose();
        _kept.Dispose();
    }

    private static void WriteItem(IBufferWriter<byte> writer, ReadOnlySpan<byte> message) => WriteMessage(writer, ItemTag, message);

    private static void WriteMessage(IBufferWriter<byte> writer, byte tag, ReadOnlySpan<byte> message)
    {
        var head = writer.GetSpan(1 + Wire.LongestVarint);
        head[0] = tag;
        writer.Advance(1 + Wire.WriteVarint(head[1..], (ulong)message.Length));
        writer.Write(message);
    }

    private void WriteText(byte tag, string text)
    {
        _metadata.WriteByte(tag);
        _metadata.WriteVarint((ulong)Encoding.UTF8.GetByteCount(text));
        _metadata.Write(Encoding.UTF8.GetBytes(text));
    }
}
