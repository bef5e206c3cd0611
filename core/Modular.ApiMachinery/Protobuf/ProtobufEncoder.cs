namespace Modular.ApiMachinery;

/// <summary>
/// Turns objects' JSON into protobuf messages, by the schema of their kind. Holds pooled buffers: belongs to one answer or watch, and is not thread-safe.
/// </summary>
public sealed class ProtobufEncoder : IDisposable
{
    private readonly PooledBuffer _json = new();
    private readonly PooledBuffer _output = new();
    private readonly PooledBuffer _scratch = new();
    private readonly List<Segment> _segments = [];

    /// <summary>Encodes an object, resourceVersion included, without envelope.</summary>
    /// <returns>The message, which stands until the next call.</returns>
    /// <exception cref="InvalidDataException">The object is not what its schema says.</exception>
    public ReadOnlySpan<byte> Encode(ApiObject obj, Schema schema)
    {
        _json.Clear();
        obj.WriteTo(_json);
        return Encode(_json.WrittenSpan, schema);
    }

    /// <summary>Encodes JSON without envelope. Fields that have no place in protobuf are left out.</summary>
    /// <returns>The message, which stands until the next call.</returns>
    /// <exception cref="InvalidDataException">The JSON is not what its schema says.</exception>
    public ReadOnlySpan<byte> Encode(ReadOnlySpan<byte> json, Schema schema)
    {
        _output.Clear();
        _segments.Clear();
        new MessageEncoder(json, _output, _scratch, _segments).Encode(schema);
        return _output.WrittenSpan;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _json.Dispose();
        _output.Dispose();
        _scratch.Dispose();
    }
}
