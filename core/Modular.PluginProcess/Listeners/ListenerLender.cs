using System.Buffers;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Modular.Abstractions;

namespace Modular.PluginProcess;

/// <summary>
/// Lends a plugin's process the host's listening sockets, as protos/plugin.proto describes. A loan ends with its connection, and so, at the latest, with the process.
/// </summary>
internal sealed class ListenerLender : IAsyncDisposable
{
    private const int LongestLine = 128;
    private const int MostAtOnce = 64;

    private readonly IListeners _listeners;
    private readonly string _path;
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<Task, bool> _loans = new();
    private readonly Task _accepting;

    /// <param name="path">Where processes ask.</param>
    /// <param name="listeners">Has the sockets.</param>
    public ListenerLender(string path, IListeners listeners)
    {
        _path = path;
        _listeners = listeners;
        File.Delete(path);
        _socket.Bind(new UnixDomainSocketEndPoint(path));
        _socket.Listen(MostAtOnce);
        _accepting = AcceptAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.WhenAll(_loans.Keys).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _socket.Dispose();
        File.Delete(_path);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            var connection = await _socket.AcceptAsync(_stop.Token).ConfigureAwait(false);
            var loan = LendAsync(connection);
            _loans[loan] = true;
            _ = loan.ContinueWith(ended => _loans.TryRemove(ended, out _), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }

    private async Task LendAsync(Socket connection)
    {
        using (connection)
        {
            var buffer = ArrayPool<byte>.Shared.Rent(LongestLine);
            try
            {
                if (await ReadLineAsync(connection, buffer).ConfigureAwait(false) is { } line && Lend(connection, line) is { } lease)
                {
                    using (lease)
                    {
                        // Nothing more is said; this is the end of the connection.
                        await connection.ReceiveAsync(buffer.AsMemory(0, 1), _stop.Token).ConfigureAwait(false);
                    }
                }
            }
            catch (Exception e) when (e is SocketException or IOException or OperationCanceledException)
            {
                // The process is gone, or the plugin ends.
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
    }

    private async ValueTask<string?> ReadLineAsync(Socket connection, byte[] buffer)
    {
        for (var length = 0; length < LongestLine;)
        {
            var count = await connection.ReceiveAsync(buffer.AsMemory(length, LongestLine - length), _stop.Token).ConfigureAwait(false);
            length += count;
            if (count == 0)
            {
                return null;
            }

            if (buffer[length - 1] == '\n')
            {
                return Encoding.ASCII.GetString(buffer, 0, length - 1);
            }
        }

        return "";
    }

    private ListenerLease? Lend(Socket connection, string line)
    {
        ListenerLease? lease = null;
        try
        {
            if (line.Split(' ') is not [("tcp" or "udp") and var protocol, var address] || !IPEndPoint.TryParse(address, out var endpoint))
            {
                Answer(connection, "error InvalidArgument\n", DescriptorPassing.None);
                return null;
            }

            lease = _listeners.Acquire(endpoint, protocol == "tcp" ? ProtocolType.Tcp : ProtocolType.Udp);
            Answer(connection, "ok\n", (int)lease.Socket.Handle);
            return lease;
        }
        catch (SocketException e)
        {
            Answer(connection, $"error {e.SocketErrorCode}\n", DescriptorPassing.None);
            return null;
        }
        catch (Exception)
        {
            lease?.Dispose();
            throw;
        }
    }

    private static void Answer(Socket connection, string line, int descriptor) => DescriptorPassing.Send(connection, Encoding.ASCII.GetBytes(line), descriptor);
}
