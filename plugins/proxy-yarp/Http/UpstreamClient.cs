using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Modular.Plugins.ProxyYarp.Http;

/// <summary>Sends requests to endpoints as they are; keeps a pool of connections for each.</summary>
internal sealed class UpstreamClient : HttpMessageInvoker
{
    // An endpoint that ends waits no longer than this for connections that nobody uses any more.
    private static readonly TimeSpan IdleConnection = TimeSpan.FromSeconds(15);

    public UpstreamClient(TimeSpan connectTimeout)
        : base(new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            ActivityHeadersPropagator = null,
            EnableMultipleHttp2Connections = true,
            PooledConnectionIdleTimeout = IdleConnection,
            RequestHeaderEncodingSelector = static (_, _) => Encoding.Latin1,
            ResponseHeaderEncodingSelector = static (_, _) => Encoding.Latin1,
            ConnectCallback = (context, cancellation) => ConnectAsync(context.DnsEndPoint, connectTimeout, cancellation),
        })
    {
    }

    private static async ValueTask<Stream> ConnectAsync(DnsEndPoint endpoint, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var address = IPAddress.Parse(endpoint.Host);
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(timeout);
        try
        {
            await socket.ConnectAsync(new IPEndPoint(address, endpoint.Port), limit.Token).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            socket.Dispose();
            throw new SocketException((int)SocketError.TimedOut);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
