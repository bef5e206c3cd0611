using System.Net;
using System.Net.Sockets;
using System.Text;
using Modular.Abstractions;

namespace Modular.PluginTests.Tests;

/// <summary>A plain name server, for the IPv4 addresses of services only, that breaks one rule.</summary>
internal sealed class FaultyDns : IDnsServer, IAsyncDisposable
{
    private const int HeaderSize = 12;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, ServiceRecord> _services = new(StringComparer.Ordinal);
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly DnsFault _fault;
    private readonly Task _serving;
    private long _revision;
    private bool _failed;

    public FaultyDns(DnsFault fault)
    {
        _fault = fault;
        _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _serving = ServeAsync();
    }

    public IPEndPoint Endpoint => (IPEndPoint)_socket.LocalEndPoint!;

    public ValueTask<ServiceReport> ApplyAsync(ServiceDelta delta, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_failed, this);
            if (delta.Base == 0 || delta.Base == _revision || _fault == DnsFault.AcceptsAnyBase)
            {
                Take(delta);
            }

            return new(new ServiceReport { Revision = _revision });
        }
    }

    public async ValueTask DisposeAsync()
    {
        _socket.Dispose();
        await _serving;
    }

    private void Take(ServiceDelta delta)
    {
        if (delta.Base == 0 && _fault != DnsFault.AddsWholeStates)
        {
            _services.Clear();
        }

        foreach (var uid in _fault == DnsFault.KeepsRemovedServices ? [] : delta.Removed)
        {
            _services.Remove(uid);
        }

        foreach (var service in delta.Services)
        {
            _services[service.Uid] = service;
            _failed |= _fault == DnsFault.FailsForGoodAfterNonsense && service.ClusterAddresses.Any(address => !IPAddress.TryParse(address, out _));
        }

        _revision = delta.Revision;
    }

    private async Task ServeAsync()
    {
        var buffer = new byte[2048];
        try
        {
            while (true)
            {
                var received = await _socket.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0));
                if (NameIn(buffer.AsSpan(0, received.ReceivedBytes)) is { } name)
                {
                    await _socket.SendToAsync(Answer(buffer[..received.ReceivedBytes], name), received.RemoteEndPoint);
                }
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private static string? NameIn(ReadOnlySpan<byte> question)
    {
        var labels = new List<string>();
        for (var at = HeaderSize; at < question.Length && question[at] < 64; at += question[at] + 1)
        {
            if (question[at] == 0)
            {
                return at + 5 == question.Length ? string.Join('.', labels) : null;
            }

            if (at + question[at] >= question.Length)
            {
                return null;
            }

            labels.Add(Encoding.ASCII.GetString(question.Slice(at + 1, question[at])));
        }

        return null;
    }

    private byte[] Answer(byte[] question, string name)
    {
        lock (_gate)
        {
            var comparison = _fault == DnsFault.MindsCase ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase;
            var service = _services.Values.FirstOrDefault(service => string.Equals($"{service.Name}.{service.Namespace}.svc.cluster.local", name, comparison));
            var addresses = service is null ? [] : service.ClusterAddresses.Concat(service.ClusterAddresses.Count > 0 ? [] : Endpoints(service)).ToList();
            question[2] = 0x84;
            question[3] = (byte)(service is null && _fault != DnsFault.DoesNotDenyNames ? 3 : 0);
            question[7] = (byte)addresses.Count;
            return [.. question, .. addresses.SelectMany(address => (byte[])[0xC0, HeaderSize, 0, 1, 0, 1, 0, 0, 0, 5, 0, 4, .. IPAddress.Parse(address).GetAddressBytes()])];
        }
    }

    private IEnumerable<string> Endpoints(ServiceRecord service) => service.Ports.SelectMany(port => port.Endpoints)
        .Where(endpoint => endpoint.Ready || _fault == DnsFault.NamesEndpointsThatAreNotReady).Select(endpoint => endpoint.Address);
}
