using System.Net;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;

namespace Modular.Plugins.ProxyYarp.Http;

/// <summary>An endpoint of Kestrel that nobody can call: it gets connections that others accepted.</summary>
internal sealed class HandedConnections(string name) : EndPoint, IConnectionListener
{
    private readonly Channel<ConnectionContext> _connections = Channel.CreateUnbounded<ConnectionContext>();

    EndPoint IConnectionListener.EndPoint => this;

    /// <summary>Hands a connection over; false after the end.</summary>
    public bool Hand(ConnectionContext connection) => _connections.Writer.TryWrite(connection);

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (await _connections.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
        {
            if (_connections.Reader.TryRead(out var connection))
            {
                return connection;
            }
        }

        return null;
    }

    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        _connections.Writer.TryComplete();
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => UnbindAsync();

    public override string ToString() => name;
}
