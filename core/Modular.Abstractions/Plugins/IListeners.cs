using System.Net;
using System.Net.Sockets;

namespace Modular.Abstractions;

/// <summary>
/// Listening sockets that belong to the host and are lent to plugins, so that a new version of a plugin accepts from the socket its
/// predecessor had and no client is refused in between. Thread-safe.
/// </summary>
public interface IListeners
{
    /// <summary>
    /// Lends the socket that is bound to an endpoint: the one that was lent before if there is one, otherwise a new one. A TCP socket listens.
    /// Port 0 always gives a new one. Several may hold it at a time; it is closed a while after the last has given it back.
    /// </summary>
    /// <exception cref="SocketException">The endpoint cannot be had.</exception>
    ListenerLease Acquire(IPEndPoint endpoint, ProtocolType protocol);
}

/// <summary>A lent socket. Disposing it gives it back; the borrower never closes the socket itself.</summary>
/// <param name="socket">Bound, and listening if it is TCP.</param>
/// <param name="giveBack">Called once.</param>
public sealed class ListenerLease(Socket socket, Action giveBack) : IDisposable
{
    private Action? _giveBack = giveBack;

    /// <summary>
    /// Bound, and listening if it is TCP. Shared with whoever else holds a lease, such as the build that takes over: nothing is closed, and no
    /// option is changed but whether calls block.
    /// </summary>
    public Socket Socket { get; } = socket;

    /// <inheritdoc />
    public void Dispose() => Interlocked.Exchange(ref _giveBack, null)?.Invoke();
}
