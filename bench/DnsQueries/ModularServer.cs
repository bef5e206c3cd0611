using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Modular.Plugins.Dns;
using Modular.Plugins.Dns.Forwarding;
using Modular.Plugins.Dns.Records;
using Modular.Plugins.Dns.Serving;

namespace DnsQueries;

/// <summary>The plugin's server in a process of its own, so that its CPU time can be told from the generator's.</summary>
internal static class ModularServer
{
    /// <summary>Serves until its input ends.</summary>
    public static async Task RunAsync(int port, int threads)
    {
        using var meter = new Meter("bench");
        using var listeners = new BenchListeners();
        var options = new DnsOptions { Threads = threads };
        var metrics = new DnsMetrics(meter);
        var zone = new Zone(new ClusterNetwork { ServiceRange = "10.96.0.0/16", DnsAddress = "10.96.0.10" }, (uint)options.TimeToLive);
        var table = new RecordTable(zone);
        table.Apply(NameTable.ForModular());
        await using var forwarder = new Forwarder(new UpstreamServers([], "", []), options, TimeProvider.System, metrics);
        await using var server = new NameServer(
            listeners, new IPEndPoint(IPAddress.Loopback, port), table, zone, forwarder, options, metrics, TimeProvider.System, NullLogger.Instance);
        Console.WriteLine("ready");
        await Console.In.ReadToEndAsync();
    }

    private sealed class BenchListeners : IListeners, IDisposable
    {
        private readonly List<Socket> _sockets = [];

        public ListenerLease Acquire(IPEndPoint endpoint, ProtocolType protocol)
        {
            var socket = new Socket(endpoint.AddressFamily, protocol == ProtocolType.Tcp ? SocketType.Stream : SocketType.Dgram, protocol);
            _sockets.Add(socket);
            socket.Bind(endpoint);
            if (protocol == ProtocolType.Tcp)
            {
                socket.Listen();
            }

            return new ListenerLease(socket, () => { });
        }

        public void Dispose() => _sockets.ForEach(socket => socket.Dispose());
    }
}
