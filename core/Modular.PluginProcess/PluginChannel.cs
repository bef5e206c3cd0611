using System.Net.Sockets;
using Grpc.Net.Client;

namespace Modular.PluginProcess;

/// <summary>Connections to a plugin's process. They are made when they are needed, and so again after the process was started again.</summary>
internal static class PluginChannel
{
    public static GrpcChannel Open(string socket) => GrpcChannel.ForAddress("http://plugin", new GrpcChannelOptions
    {
        // A cluster's whole state has no bound.
        MaxReceiveMessageSize = null,
        MaxSendMessageSize = null,
        DisposeHttpClient = true,
        HttpHandler = new SocketsHttpHandler
        {
            UseProxy = false,
            EnableMultipleHttp2Connections = true,
            ConnectCallback = (_, cancellationToken) => ConnectAsync(socket, cancellationToken),
        },
    });

    /// <summary>Connects to a Unix socket.</summary>
    public static async ValueTask<Stream> ConnectAsync(string path, CancellationToken cancellationToken)
    {
        var connection = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await connection.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken).ConfigureAwait(false);
            return new NetworkStream(connection, ownsSocket: true);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }
}
