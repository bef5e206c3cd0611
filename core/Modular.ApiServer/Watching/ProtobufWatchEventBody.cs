using System.Buffers;

namespace Modular.ApiServer;

/// <summary>Writes watch events as protobuf. Belongs to one watch.</summary>
/// <param name="definition">The kind as it is now; it may be exchanged while the watch goes on.</param>
/// <param name="format">The form of the objects.</param>
internal sealed class ProtobufWatchEventBody(Func<ResourceDefinition> definition, ResponseFormat format) : IWatchEventWriter
{
    private readonly ProtobufEncoder _encoder = new();
    private ResourceDefinition _definition = definition();
    private ProtobufView _view = ViewOf(definition(), format);

    /// <inheritdoc />
    public ValueTask PrepareAsync(IReadOnlyList<WatchEvent> events, CancellationToken cancellationToken)
    {
        var current = definition();
        if (!ReferenceEquals(current, _definition))
        {
            // Objects of a kind that has lost its protobuf form are shown with the fields that had a place when the watch began.
            (_definition, _view) = (current, ProtobufFormat.Speaks(current.Schema) ? ViewOf(current, format) : _view);
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc />
    public void Write(IBufferWriter<byte> writer, WatchEvent watchEvent)
    {
        var type = watchEvent.Type switch
        {
            WatchEventType.Added => "ADDED"u8,
            WatchEventType.Modified => "MODIFIED"u8,
            WatchEventType.Deleted => "DELETED"u8,
            _ => "BOOKMARK"u8,
        };
        ProtobufWatchEvent.Write(writer, type, _view.ApiVersion, _view.Kind, _encoder.Encode(watchEvent.Object, _view.Schema));
    }

    /// <inheritdoc />
    public void WriteError(IBufferWriter<byte> writer, ApiStatus status) => ProtobufWatchEvent.Write(
        writer, "ERROR"u8, "v1", "Status", _encoder.Encode(ObjectEncoding.EncodeValue(status.ToJson()), MetaMessages.Status));

    /// <inheritdoc />
    public void Dispose() => _encoder.Dispose();

    private static ProtobufView ViewOf(ResourceDefinition definition, ResponseFormat format) =>
        ProtobufView.Of(definition.Kind, definition.Schema, format);
}
