using Modular.Plugins.ResourcesKubernetes.Strategies;

namespace Modular.Plugins.ResourcesKubernetes.Tests;

/// <summary>Which server a pod, a service or a node stands for.</summary>
public sealed class ProxyConnectTests
{
    private const string Pod = """
        {"apiVersion":"v1","kind":"Pod","metadata":{"name":"web","namespace":"garden"},
         "spec":{"initContainers":[{"name":"side","ports":[{"name":"metrics","containerPort":9}]}],
                 "containers":[{"name":"a"},{"name":"b","ports":[{"containerPort":8080},{"name":"admin","containerPort":8081}]}]},
         "status":{"podIP":"10.0.0.1"}}
        """;

    private const string Service = """
        {"apiVersion":"v1","kind":"Service","metadata":{"name":"web","namespace":"garden"},
         "spec":{"ports":[{"name":"http","port":80},{"name":"dns","port":53}]}}
        """;

    private const string Endpoints = """
        {"apiVersion":"v1","kind":"Endpoints","metadata":{"name":"web","namespace":"garden"},
         "subsets":[{"notReadyAddresses":[{"ip":"10.0.0.9"}],"ports":[{"name":"http","port":8080}]},
                    {"addresses":[{"ip":"10.0.0.2"}],"ports":[{"name":"http","port":8080}]},
                    {"addresses":[{"ip":"fd00::2"}],"ports":[{"name":"dns","port":5353}]}]}
        """;

    [Theory]
    [InlineData("", "", "http://10.0.0.1:8080")]
    [InlineData("https", "", "https://10.0.0.1:8080")]
    [InlineData("", "90", "http://10.0.0.1:90")]
    [InlineData("http", "admin", "http://10.0.0.1:8081")]
    [InlineData("", "metrics", "http://10.0.0.1:9")]
    public void A_pod_is_its_first_port_or_the_one_named(string scheme, string port, string address) =>
        Assert.Equal(address, PodProxyConnect.Instance.Resolve(Question(Pod, scheme, port)).Address);

    [Fact]
    public void A_pod_that_names_no_port_is_that_of_the_scheme() => Assert.Equal(
        "https://10.0.0.3",
        PodProxyConnect.Instance.Resolve(Question("""{"apiVersion":"v1","kind":"Pod","metadata":{"name":"web"},"spec":{"containers":[{"name":"a"}]},"status":{"podIP":"10.0.0.3"}}""", "https", "")).Address);

    [Theory]
    [InlineData(Pod, "none", "pod web has no port \"none\"")]
    [InlineData("""{"apiVersion":"v1","kind":"Pod","metadata":{"name":"web"},"spec":{"containers":[]}}""", "80", "it has no address yet")]
    public void A_pod_that_cannot_be_asked_says_why(string pod, string port, string message)
    {
        var failure = Assert.Throws<ApiException>(() => PodProxyConnect.Instance.Resolve(Question(pod, "", port)));
        Assert.Equal((StatusReason.BadRequest, message), (failure.Reason, failure.Message));
    }

    [Theory]
    [InlineData("", "http", "http://10.0.0.2:8080")]
    [InlineData("https", "80", "https://10.0.0.2:8080")]
    [InlineData("", "53", "http://[fd00::2]:5353")]
    public void A_service_is_one_of_its_ready_endpoints(string scheme, string port, string address) =>
        Assert.Equal(address, ServiceProxyConnect.Instance.Resolve(Question(Service, scheme, port, Endpoints)).Address);

    [Theory]
    [InlineData("", "no endpoints available for service \"web\"")]
    [InlineData("other", "no endpoints available for service \"web\"")]
    [InlineData("81", "no service port 81 found for service \"web\"")]
    public void A_service_without_such_endpoints_is_unavailable(string port, string message)
    {
        var failure = Assert.Throws<ApiException>(() => ServiceProxyConnect.Instance.Resolve(Question(Service, "", port, Endpoints)));
        Assert.Equal((StatusReason.ServiceUnavailable, message), (failure.Reason, failure.Message));
        Assert.Throws<ApiException>(() => ServiceProxyConnect.Instance.Resolve(Question(Service, "", "http")));
    }

    [Theory]
    [InlineData("", "oak", "")]
    [InlineData("10250", "oak", "")]
    [InlineData("9100", "", "http://192.0.2.1:9100")]
    public void A_node_is_its_endpoint_or_another_server_on_it(string port, string node, string address)
    {
        const string oak = """
            {"apiVersion":"v1","kind":"Node","metadata":{"name":"oak"},
             "status":{"addresses":[{"type":"Hostname","address":"oak"},{"type":"InternalIP","address":"192.0.2.1"}]}}
            """;
        Assert.Equal(new NodeRequest(node, "", "") { Address = address }, NodeProxyConnect.Instance.Resolve(Question(oak, "", port)));
        Assert.Throws<ApiException>(() => NodeProxyConnect.Instance.Resolve(Question(oak, "", "http")));
    }

    private static ConnectQuestion Question(string obj, string scheme, string port, string? beside = null) =>
        new() { Object = Read(obj), Beside = beside is null ? null : Read(beside), Scheme = scheme, Port = port };

    private static ApiObject Read(string json)
    {
        var obj = StrategiesFixture.Read(json);
        return new ApiObject(new GroupVersionKind("", "v1", obj.GetString("kind") ?? "Pod"), ObjectEncoding.Encode(obj), 1);
    }
}
