using System.Globalization;
using Modular.Plugins.NodeAgent.PortForward.Spdy;

namespace Modular.Plugins.NodeAgent.PortForward;

/// <summary>Forwards ports over a SPDY connection: two streams of the same request, one for errors and one for data, are a connection to a port.</summary>
internal sealed class SpdyForward(PodPorts ports, CancellationToken over) : ISpdyAcceptor, IDisposable
{
    private const string TypeHeader = "streamtype";
    private const string PortHeader = "port";
    private const string RequestHeader = "requestid";
    private const string Data = "data";
    private const string Error = "error";

    private readonly List<SpdyStream> _unpaired = [];
    private readonly List<Task> _connections = [];
    private readonly CancellationTokenSource _gone = CancellationTokenSource.CreateLinkedTokenSource(over);

    public void Dispose() => _gone.Dispose();

    /// <summary>Serves a client until it has gone or the pod has.</summary>
    public async Task RunAsync(Stream transport)
    {
        using var connection = new SpdyConnection(transport, this);
        try
        {
            await connection.RunAsync(_gone.Token).ConfigureAwait(false);
        }
        finally
        {
            await _gone.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(_connections).ConfigureAwait(false);
        }
    }

    /// <inheritdoc />
    public SpdyReset? Examine(SpdyStream stream) =>
        stream.Headers.GetValueOrDefault(TypeHeader) is Data or Error && PortOf(stream) > 0 && stream.Headers.ContainsKey(RequestHeader)
            ? null
            : SpdyReset.ProtocolError;

    /// <inheritdoc />
    public void Accept(SpdyStream stream)
    {
        _unpaired.RemoveAll(other => other.IsClosed);
        _connections.RemoveAll(connection => connection.IsCompleted);
        var index = _unpaired.FindIndex(other => Fit(stream, other));
        if (index < 0)
        {
            _unpaired.Add(stream);
            return;
        }

        var other = _unpaired[index];
        _unpaired.RemoveAt(index);
        var (data, error) = stream.Headers[TypeHeader] == Data ? (stream, other) : (other, stream);
        var connection = new ForwardedConnection(ports, PortOf(data), data, error);
        _connections.Add(Task.Run(() => connection.RunAsync(_gone.Token), CancellationToken.None));
    }

    private static bool Fit(SpdyStream stream, SpdyStream other) =>
        stream.Headers[RequestHeader] == other.Headers[RequestHeader]
        && stream.Headers[PortHeader] == other.Headers[PortHeader]
        && stream.Headers[TypeHeader] != other.Headers[TypeHeader];

    private static int PortOf(SpdyStream stream) =>
        ushort.TryParse(stream.Headers.GetValueOrDefault(PortHeader), NumberStyles.None, CultureInfo.InvariantCulture, out var port) ? port : 0;
}
