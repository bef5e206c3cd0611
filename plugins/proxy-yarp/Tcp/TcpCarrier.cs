using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Modular.Plugins.ProxyYarp.Routing;

namespace Modular.Plugins.ProxyYarp.Tcp;

/// <summary>Connects clients with an endpoint and copies bytes both ways, until both have ended. Thread-safe.</summary>
internal sealed class TcpCarrier(AddressUse use, ProxyMetrics metrics, TimeSpan connectTimeout)
{
    private readonly ConcurrentDictionary<TcpPair, bool> _pairs = new();

    /// <summary>Carries one connection, in the background.</summary>
    public void Take(Socket client, PortRoute route) => _ = CarryAsync(client, route);

    /// <summary>Cuts all connections.</summary>
    public void Abort()
    {
        foreach (var pair in _pairs.Keys)
        {
            pair.Abort();
        }
    }

    private async Task CarryAsync(Socket client, PortRoute route)
    {
        // The loop that accepts goes on with the next one.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            var choice = route.Choose(((IPEndPoint)client.RemoteEndPoint!).Address);
            while (choice.Next() is { } backend)
            {
                use.Enter(backend.EndPoint.Address);
                try
                {
                    if (await ConnectAsync(backend).ConfigureAwait(false) is { } upstream)
                    {
                        await CopyAsync(client, upstream).ConfigureAwait(false);
                        return;
                    }
                }
                finally
                {
                    use.Leave(backend.EndPoint.Address);
                }
            }

            SocketEnd.Reset(client);
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            SocketEnd.Reset(client);
        }
        finally
        {
            metrics.Closed();
        }
    }

    private async ValueTask<Socket?> ConnectAsync(Backend backend)
    {
        var upstream = new Socket(backend.EndPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            ConnectionOptions.Set(upstream);
            var connecting = upstream.ConnectAsync(backend.EndPoint, CancellationToken.None);
            if (!connecting.IsCompletedSuccessfully)
            {
                await WaitAsync(connecting, upstream).ConfigureAwait(false);
            }

            return upstream;
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            upstream.Dispose();
            metrics.ConnectFailed();
            return null;
        }
    }

    private async ValueTask CopyAsync(Socket client, Socket upstream)
    {
        using var pair = new TcpPair(client, upstream);
        _pairs[pair] = true;
        await pair.CopyAsync().ConfigureAwait(false);
        _pairs.TryRemove(pair, out _);
    }

    private async ValueTask WaitAsync(ValueTask connecting, Socket upstream)
    {
        using var timer = new Timer(static socket => ((Socket)socket!).Dispose(), upstream, connectTimeout, Timeout.InfiniteTimeSpan);
        await connecting.ConfigureAwait(false);
    }
}
