using System.Net;
using System.Net.Sockets;
using Modular.Abstractions;

namespace Modular.PluginTests.Tests;

/// <summary>A plain proxy, a connection and a datagram at a time, that breaks one rule.</summary>
internal sealed class FaultyProxy(ProxyFault fault) : IServiceProxy, IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, ServiceRecord> _services = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Address, int Port, string Protocol), Socket> _sockets = [];
    private readonly List<(Socket Client, Socket Server)> _connections = [];
    private readonly HashSet<string> _drained = new(StringComparer.Ordinal);
    private long _revision;
    private bool _failed;

    public ValueTask<ServiceReport> ApplyAsync(ServiceDelta delta, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_failed, this);
            if (delta.Base != 0 && delta.Base != _revision && fault != ProxyFault.AcceptsAnyBase)
            {
                return new(new ServiceReport { Revision = _revision });
            }

            if (delta.Base == 0 && fault != ProxyFault.AddsWholeStates)
            {
                _services.Clear();
            }

            foreach (var uid in fault == ProxyFault.KeepsRemovedServices ? [] : delta.Removed)
            {
                _services.Remove(uid);
            }

            foreach (var service in delta.Services)
            {
                _services[service.Uid] = service;
            }

            _revision = delta.Revision;
            var problems = Listen();
            _failed = fault == ProxyFault.FailsForGoodAfterNonsense && problems.Exists(problem => problem.Reason == "Nonsense");
            if (fault == ProxyFault.CutsAllConnectionsOnAChange)
            {
                Cut();
            }

            return new(new ServiceReport { Revision = _revision, Problems = fault == ProxyFault.HidesProblems ? [] : problems });
        }
    }

    public ValueTask<bool> DrainAsync(string address, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            _drained.Add(address);
            _connections.RemoveAll(connection => !connection.Server.Connected);
            return new(fault != ProxyFault.SaysThatNothingIsLeft
                && _connections.Exists(connection => ((IPEndPoint)connection.Server.RemoteEndPoint!).Address.ToString() == address));
        }
    }

    public ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _services.Clear();
            Listen();
            Cut();
        }

        return ValueTask.CompletedTask;
    }

    private void Cut()
    {
        foreach (var (client, server) in _connections)
        {
            client.Dispose();
            server.Dispose();
        }

        _connections.Clear();
    }

    // Opens what is new, closes what is gone, and says what cannot be had.
    private List<ServiceProblem> Listen()
    {
        var problems = new List<ServiceProblem>();
        var wanted = new HashSet<(string, int, string)>();
        foreach (var service in _services.Values)
        {
            foreach (var port in service.Ports)
            {
                var key = (service.ClusterAddresses[0], port.Port, port.Protocol);
                if (Open(key) is { } reason)
                {
                    problems.Add(new ServiceProblem(service.Uid, $"{port.Port}/{port.Protocol}", reason, "it cannot be opened"));
                }
                else
                {
                    wanted.Add(key);
                }
            }
        }

        foreach (var (key, socket) in _sockets.Where(entry => !wanted.Contains(entry.Key)).ToList())
        {
            socket.Dispose();
            _sockets.Remove(key);
        }

        return problems;
    }

    private string? Open((string Address, int Port, string Protocol) key)
    {
        if (key.Protocol == "SCTP" || _sockets.ContainsKey(key))
        {
            return key.Protocol == "SCTP" ? "ProtocolNotSupported" : null;
        }

        if (!IPAddress.TryParse(key.Address, out var address) || key.Port is < 1 or > 65535)
        {
            return "Nonsense";
        }

        var isUdp = key.Protocol == "UDP";
        var socket = new Socket(AddressFamily.InterNetwork, isUdp ? SocketType.Dgram : SocketType.Stream, isUdp ? ProtocolType.Udp : ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(address, key.Port));
        }
        catch (SocketException)
        {
            socket.Dispose();
            return "AddressNotAvailable";
        }

        if (!isUdp)
        {
            socket.Listen();
        }

        _sockets.Add(key, socket);
        _ = isUdp ? CarryDatagramsAsync(socket, key) : AcceptAsync(socket, key);
        return null;
    }

    private IPEndPoint? Choose((string Address, int Port, string Protocol) key)
    {
        lock (_gate)
        {
            var endpoints = _services.Values.Where(service => service.ClusterAddresses[0] == key.Address)
                .SelectMany(service => service.Ports).First(port => port.Port == key.Port).Endpoints
                .Where(endpoint => fault == ProxyFault.UsesEndpointsThatAreNotReady ? !endpoint.Ready : endpoint.Ready).ToList();
            var left = fault == ProxyFault.IgnoresDrains ? endpoints : endpoints.FindAll(endpoint => !_drained.Contains(endpoint.Address));
            var chosen = left.Count == 0 && fault != ProxyFault.DrainsTheLast ? endpoints.FirstOrDefault() : left.FirstOrDefault();
            return chosen is not null && IPAddress.TryParse(chosen.Address, out var address) ? new IPEndPoint(address, chosen.Port) : null;
        }
    }

    private async Task AcceptAsync(Socket listener, (string Address, int Port, string Protocol) key)
    {
        while (true)
        {
            Socket client;
            try
            {
                client = await listener.AcceptAsync();
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return;
            }

            _ = CarryAsync(client, key);
        }
    }

    private async Task CarryAsync(Socket client, (string Address, int Port, string Protocol) key)
    {
        using var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        using (client)
        {
            if (Choose(key) is not { } endpoint)
            {
                return;
            }

            await server.ConnectAsync(endpoint);
            lock (_gate)
            {
                _connections.Add((client, server));
            }

            await Task.WhenAny(PumpAsync(client, server), PumpAsync(server, client));
            lock (_gate)
            {
                _connections.RemoveAll(connection => connection.Client == client);
            }
        }
    }

    private static async Task PumpAsync(Socket from, Socket to)
    {
        var buffer = new byte[64];
        for (int count; (count = await from.ReceiveAsync(buffer)) > 0;)
        {
            await to.SendAsync(buffer.AsMemory(0, count));
        }
    }

    private async Task CarryDatagramsAsync(Socket socket, (string Address, int Port, string Protocol) key)
    {
        var buffer = new byte[64];
        try
        {
            while (true)
            {
                var question = await socket.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0));
                if (fault == ProxyFault.AnswersDatagramsItself)
                {
                    await socket.SendToAsync(buffer.AsMemory(0, question.ReceivedBytes), question.RemoteEndPoint);
                    continue;
                }

                using var server = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
                await server.ConnectAsync(Choose(key)!);
                await server.SendAsync(buffer.AsMemory(0, question.ReceivedBytes));
                var length = await server.ReceiveAsync(buffer);
                await socket.SendToAsync(buffer.AsMemory(0, length), question.RemoteEndPoint);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The service is gone.
        }
    }
}
