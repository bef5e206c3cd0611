using Modular.Abstractions;

namespace Modular.Plugins.ServiceRouting.Tests;

public sealed class ServiceReadingTests
{
    private const string Port80 = """[{"name":"","port":8080,"protocol":"TCP"}]""";

    [Fact]
    public void EndpointsOfAllSlicesAreInOrderAndKnownOnce()
    {
        var record = Read(
            """{"clusterIP":"127.128.0.5","clusterIPs":["127.128.0.5"],"ports":[{"port":80,"appProtocol":"http"}]}""",
            Cluster.Slice("b", "web", Port80, $"[{Cluster.Endpoint("127.64.0.3")},{Cluster.Endpoint("127.64.0.2", ready: false)}]"),
            Cluster.Slice("a", "web", Port80, $"[{Cluster.Endpoint("127.64.0.2")}]"),
            Cluster.Slice("c", "web", """[{"name":"other","port":1,"protocol":"TCP"}]""", $"[{Cluster.Endpoint("127.64.0.9")}]"));

        Assert.Equal(["127.128.0.5"], record.ClusterAddresses);
        var port = Assert.Single(record.Ports);
        Assert.Equal((80, "http", "TCP"), (port.Port, port.AppProtocol, port.Protocol));
        Assert.Equal([new EndpointRecord("127.64.0.2", 8080), new EndpointRecord("127.64.0.3", 8080)], port.Endpoints);
    }

    [Fact]
    public void EndingEndpointsAreReadyOnlyWhereNoOtherIs()
    {
        var ending = Cluster.Endpoint("127.64.0.2", ready: false, serving: true, terminating: true);
        var broken = Cluster.Endpoint("127.64.0.3", ready: false, serving: false, terminating: true);
        const string Spec = """{"clusterIP":"127.128.0.5","ports":[{"port":80}]}""";

        var alone = Read(Spec, Cluster.Slice("a", "web", Port80, $"[{ending},{broken}]"));
        var beside = Read(Spec, Cluster.Slice("a", "web", Port80, $"[{ending},{Cluster.Endpoint("127.64.0.4")}]"));

        Assert.Equal([true, false], alone.Ports[0].Endpoints.Select(endpoint => endpoint.Ready));
        Assert.Equal([false, true], beside.Ports[0].Endpoints.Select(endpoint => endpoint.Ready));
    }

    [Fact]
    public void AffinityNodePortsAndOtherProxiesAreSaid()
    {
        var record = ServiceReading.Read(
            Cluster.Stored(
                Cluster.Service(
                    "web",
                    """
                    {"type":"NodePort","clusterIP":"127.128.0.5","sessionAffinity":"ClientIP","sessionAffinityConfig":{"clientIP":{"timeoutSeconds":30}},
                     "ports":[{"name":"a","port":80,"nodePort":30080}],"externalIPs":["192.0.2.1"]}
                    """,
                    """{"service.kubernetes.io/service-proxy-name":"mine"}"""),
                "u1"),
            []);

        Assert.Equal(TimeSpan.FromSeconds(30), record.ClientAffinity);
        Assert.Equal(30080, record.Ports[0].NodePort);
        Assert.Equal("mine", record.ProxyName);
        Assert.Equal(["192.0.2.1"], record.ExternalAddresses);
    }

    [Fact]
    public void HeadlessServicesWithoutPortsHaveTheirEndpoints()
    {
        var record = Read("""{"clusterIP":"None"}""", Cluster.Slice("a", "web", "[]", $"[{Cluster.Endpoint("127.64.0.2")}]"));

        Assert.Empty(record.ClusterAddresses);
        Assert.Equal(0, record.Ports[0].Port);
        Assert.Equal([new EndpointRecord("127.64.0.2", 0)], record.Ports[0].Endpoints);
    }

    [Fact]
    public void AnExternalNameHasNeitherAddressNorEndpoints()
    {
        var record = Read("""{"type":"ExternalName","externalName":"example.org"}""");

        Assert.Equal("example.org", record.ExternalName);
        Assert.Empty(record.ClusterAddresses);
        Assert.Empty(record.Ports);
    }

    private static ServiceRecord Read(string spec, params System.Text.Json.Nodes.JsonObject[] slices) =>
        ServiceReading.Read(Cluster.Stored(Cluster.Service("web", spec), "u1"), [.. slices.Select((slice, i) => Cluster.Stored(slice, $"s{i}"))]);
}
