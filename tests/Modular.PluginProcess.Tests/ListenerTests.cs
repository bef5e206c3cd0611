using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using Modular.Abstractions;
using Modular.Kernel.Plugins;
using Modular.PluginProcess.Child;
using Modular.Testing;

namespace Modular.PluginProcess.Tests;

/// <summary>The host's sockets in the hands of a process.</summary>
public sealed class ListenerTests : IAsyncDisposable
{
    private static readonly TimeSpan Linger = TimeSpan.FromSeconds(30);
    private static readonly IPEndPoint Any = new(IPAddress.Loopback, 0);

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("modular-loans-");
    private readonly FakeTimeProvider _time = new();
    private readonly HostListeners _host;
    private readonly ListenerLender _lender;
    private readonly BorrowedListeners _borrowed;

    public ListenerTests()
    {
        _host = new HostListeners(_time, Linger, IPNetwork.Parse("198.51.100.0/24"));
        _lender = new ListenerLender(Loans, _host);
        _borrowed = new BorrowedListeners(Loans);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Loans => Path.Combine(_directory.FullName, "loans");

    public async ValueTask DisposeAsync()
    {
        await _lender.DisposeAsync();
        _host.Dispose();
        _directory.Delete(recursive: true);
    }

    [Fact]
    public async Task A_connection_waits_for_the_next_borrower_when_one_has_given_the_socket_back()
    {
        IPEndPoint endpoint;
        using (var first = _borrowed.Acquire(Any, ProtocolType.Tcp))
        {
            endpoint = (IPEndPoint)first.Socket.LocalEndPoint!;
            await SpeakAsync(endpoint, first.Socket);
        }

        using var client = new TcpClient();
        await client.ConnectAsync(endpoint, Token);
        using var second = _borrowed.Acquire(endpoint, ProtocolType.Tcp);
        using var accepted = await second.Socket.AcceptAsync(Token);
        Assert.Equal(((IPEndPoint)client.Client.LocalEndPoint!).Port, ((IPEndPoint)accepted.RemoteEndPoint!).Port);
    }

    [Fact]
    public async Task Two_hold_one_socket_and_one_that_gives_it_back_in_the_middle_of_waiting_leaves_it_to_the_other()
    {
        var first = _borrowed.Acquire(Any, ProtocolType.Tcp);
        var endpoint = (IPEndPoint)first.Socket.LocalEndPoint!;
        using var second = _borrowed.Acquire(endpoint, ProtocolType.Tcp);
        var waiting = first.Socket.AcceptAsync(Token).AsTask();
        first.Dispose();
        await Assert.ThrowsAnyAsync<Exception>(() => waiting);
        await SpeakAsync(endpoint, second.Socket);
    }

    [Fact]
    public async Task Datagrams_come_to_a_borrowed_socket()
    {
        using var lease = _borrowed.Acquire(Any, ProtocolType.Udp);
        using var client = new UdpClient();
        await client.SendAsync("hello"u8.ToArray(), (IPEndPoint)lease.Socket.LocalEndPoint!, Token);
        var buffer = new byte[16];
        var length = await lease.Socket.ReceiveAsync(buffer, Token);
        Assert.Equal("hello", Encoding.ASCII.GetString(buffer, 0, length));
    }

    [Fact]
    public async Task A_socket_is_closed_a_while_after_the_last_loan_has_ended()
    {
        var lease = _borrowed.Acquire(Any, ProtocolType.Tcp);
        var endpoint = (IPEndPoint)lease.Socket.LocalEndPoint!;
        lease.Dispose();
        await Eventually.Holds(
            () =>
            {
                _time.Advance(Linger);
                return Refuses(endpoint);
            },
            "the socket is closed");
    }

    [Fact]
    public void An_endpoint_that_can_not_be_had_is_refused_as_by_the_host()
    {
        using var taken = new TcpListener(Any);
        taken.Start();
        var refused = Assert.Throws<SocketException>(() => _borrowed.Acquire((IPEndPoint)taken.LocalEndpoint, ProtocolType.Tcp));
        Assert.Equal(SocketError.AddressAlreadyInUse, refused.SocketErrorCode);
        Assert.Equal(
            SocketError.AddressNotAvailable,
            Assert.Throws<SocketException>(() => _borrowed.Acquire(IPEndPoint.Parse("192.0.2.1:80"), ProtocolType.Tcp)).SocketErrorCode);
    }

    [Theory]
    [InlineData("sctp 127.0.0.1:0\n")]
    [InlineData("tcp somewhere\n")]
    [InlineData("\n")]
    [InlineData("tcp 127.0.0.1:0 and more\n")]
    public async Task What_is_no_question_is_refused(string line)
    {
        using var connection = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await connection.ConnectAsync(new UnixDomainSocketEndPoint(Loans), Token);
        await connection.SendAsync(Encoding.ASCII.GetBytes(line), Token);
        using var reader = new StreamReader(new NetworkStream(connection));
        Assert.Equal("error InvalidArgument", await reader.ReadToEndAsync(Token) is { } all ? all.TrimEnd() : "");
    }

    [Fact]
    public async Task One_who_says_nothing_or_too_much_does_not_keep_others_from_borrowing()
    {
        using var silent = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await silent.ConnectAsync(new UnixDomainSocketEndPoint(Loans), Token);
        using var loud = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await loud.ConnectAsync(new UnixDomainSocketEndPoint(Loans), Token);
        await loud.SendAsync(new byte[4096], Token);
        using var lease = _borrowed.Acquire(Any, ProtocolType.Tcp);
        await SpeakAsync((IPEndPoint)lease.Socket.LocalEndPoint!, lease.Socket);
    }

    private static async Task SpeakAsync(IPEndPoint endpoint, Socket listener)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(endpoint, Token);
        using var accepted = await listener.AcceptAsync(Token);
        await accepted.SendAsync("x"u8.ToArray(), Token);
        Assert.Equal(1, await client.GetStream().ReadAsync(new byte[1], Token));
    }

    private static bool Refuses(IPEndPoint endpoint)
    {
        using var client = new TcpClient();
        try
        {
            client.Connect(endpoint);
            return false;
        }
        catch (SocketException)
        {
            return true;
        }
    }
}
