using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Time.Testing;
using Modular.Kernel.Plugins;

namespace Modular.Kernel.Plugins.Tests;

public sealed class HostListenersTests : IDisposable
{
    private static readonly TimeSpan Linger = TimeSpan.FromSeconds(10);

    private readonly FakeTimeProvider _time = new();
    private readonly HostListeners _host;

    public HostListenersTests() => _host = new HostListeners(_time, Linger, IPNetwork.Parse("198.51.100.0/24"));

    public void Dispose() => _host.Dispose();

    [Theory]
    [InlineData(ProtocolType.Tcp)]
    [InlineData(ProtocolType.Udp)]
    public void The_same_endpoint_is_the_same_socket_while_somebody_holds_it_and_a_while_longer(ProtocolType protocol)
    {
        var first = _host.Acquire(new IPEndPoint(IPAddress.Loopback, 0), protocol);
        var endpoint = (IPEndPoint)first.Socket.LocalEndPoint!;
        using var second = _host.Acquire(endpoint, protocol);
        Assert.Same(first.Socket, second.Socket);

        first.Dispose();
        second.Dispose();
        _time.Advance(Linger / 2);
        using var third = _host.Acquire(endpoint, protocol);
        Assert.Same(first.Socket, third.Socket);

        _time.Advance(Linger);
        Assert.False(third.Socket.SafeHandle.IsClosed);
    }

    [Fact]
    public void A_socket_that_nobody_holds_is_closed_in_the_end()
    {
        var lease = _host.Acquire(new IPEndPoint(IPAddress.Loopback, 0), ProtocolType.Tcp);
        var endpoint = (IPEndPoint)lease.Socket.LocalEndPoint!;
        lease.Dispose();
        lease.Dispose();

        _time.Advance(Linger);

        Assert.True(lease.Socket.SafeHandle.IsClosed);
        using var again = _host.Acquire(endpoint, ProtocolType.Tcp);
        Assert.NotSame(lease.Socket, again.Socket);
    }

    [Fact]
    public void Port_0_is_another_socket_each_time()
    {
        using var one = _host.Acquire(new IPEndPoint(IPAddress.Loopback, 0), ProtocolType.Udp);
        using var other = _host.Acquire(new IPEndPoint(IPAddress.Loopback, 0), ProtocolType.Udp);

        Assert.NotEqual(one.Socket.LocalEndPoint, other.Socket.LocalEndPoint);
    }

    [Fact]
    public void Addresses_of_services_need_not_be_the_machines_yet()
    {
        using var tcp = _host.Acquire(IPEndPoint.Parse("198.51.100.7:443"), ProtocolType.Tcp);
        using var udp = _host.Acquire(IPEndPoint.Parse("198.51.100.7:53"), ProtocolType.Udp);
        Assert.Equal(IPEndPoint.Parse("198.51.100.7:53"), udp.Socket.LocalEndPoint);

        var error = Assert.Throws<SocketException>(() => _host.Acquire(IPEndPoint.Parse("203.0.113.7:443"), ProtocolType.Tcp));
        Assert.Equal(SocketError.AddressNotAvailable, error.SocketErrorCode);
    }

    [Fact]
    public void An_endpoint_of_somebody_else_is_refused()
    {
        using var stranger = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        stranger.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        stranger.Listen();

        var error = Assert.Throws<SocketException>(() => _host.Acquire((IPEndPoint)stranger.LocalEndPoint!, ProtocolType.Tcp));

        Assert.Equal(SocketError.AddressAlreadyInUse, error.SocketErrorCode);
    }

    [Fact]
    public void What_a_plugin_keeps_is_given_back_when_it_ends()
    {
        var plugin = new PluginListeners(_host);
        var kept = plugin.Acquire(new IPEndPoint(IPAddress.Loopback, 0), ProtocolType.Tcp);
        plugin.Acquire(new IPEndPoint(IPAddress.Loopback, 0), ProtocolType.Udp).Dispose();

        plugin.Dispose();
        _time.Advance(Linger);

        Assert.True(kept.Socket.SafeHandle.IsClosed);
        Assert.Throws<ObjectDisposedException>(() => plugin.Acquire(new IPEndPoint(IPAddress.Loopback, 0), ProtocolType.Tcp));
    }
}
