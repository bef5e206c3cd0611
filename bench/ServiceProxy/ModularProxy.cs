using System.Diagnostics.Metrics;
using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Modular.Abstractions;
using Modular.Kernel.Plugins;
using Modular.Plugins.ProxyYarp;

namespace ServiceProxy;

/// <summary>The plugin's proxy on the host's listeners, with one service, until the process is ended.</summary>
internal static class ModularProxy
{
    public static async Task RunAsync(Ports ports, string directory)
    {
        using var meter = new Meter("bench");
        using var listeners = new HostListeners(TimeProvider.System, TimeSpan.FromSeconds(1), IPNetwork.Parse("198.51.100.0/24"));
        await using var proxy = new Modular.Plugins.ProxyYarp.ServiceProxy(
            listeners, new ProxyOptions(), directory, TimeProvider.System, new ProxyMetrics(meter), NullLoggerFactory.Instance);
        await proxy.StartAsync(CancellationToken.None);
        var service = new ServiceRecord
        {
            Uid = "web",
            Namespace = "default",
            Name = "web",
            ClusterAddresses = [Ports.Service.ToString()],
            Ports =
            [
                Port(ports.Tcp, "TCP", "", ports.First, ports.Second),
                Port(ports.Http, "TCP", "http", ports.First, ports.Second),
                Port(ports.Udp, "UDP", "", ports.Echo),
            ],
        };
        var report = await proxy.ApplyAsync(new ServiceDelta { Base = 0, Revision = 1, Services = [service] }, CancellationToken.None);
        if (report.Problems.Count > 0)
        {
            throw new InvalidOperationException(report.Problems[0].Message);
        }

        await Task.Delay(Timeout.Infinite);
    }

    private static ServicePortRecord Port(int port, string protocol, string appProtocol, params int[] backends) => new()
    {
        Port = port,
        Protocol = protocol,
        AppProtocol = appProtocol,
        Endpoints = [.. backends.Select(backend => new EndpointRecord("127.0.0.1", backend))],
    };
}
