using System.Text.Json.Nodes;
using Modular.Models;

namespace Modular.Plugins.NodeAgent.Tests;

public sealed class EnvironmentTests : IAsyncLifetime
{
    private readonly AgentFixture _fixture = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task Variables_come_from_objects_fields_and_each_other_and_later_ones_win()
    {
        Put(KubernetesResources.ConfigMaps, """{"kind":"ConfigMap","metadata":{"name":"settings","namespace":"default"},"data":{"A":"1","B":"2"}}""");
        Put(KubernetesResources.Secrets, """{"kind":"Secret","metadata":{"name":"keys","namespace":"default"},"data":{"B":"aHVzaA=="}}""");
        var variables = await StartAsync("""
            {"containers":[{"name":"main","image":"modular","resources":{"limits":{"memory":"3Mi"}},
              "envFrom":[{"configMapRef":{"name":"settings"}},{"secretRef":{"name":"keys"},"prefix":"KEY_"},{"secretRef":{"name":"none","optional":true}}],
              "env":[{"name":"A","value":"mine"},{"name":"C","value":"$(A)-$(KEY_B)-$$(A)-$(NOBODY)"},
                {"name":"D","valueFrom":{"secretKeyRef":{"name":"keys","key":"B"}}},{"name":"E","valueFrom":{"configMapKeyRef":{"name":"settings","key":"none","optional":true}}},
                {"name":"UID","valueFrom":{"fieldRef":{"fieldPath":"metadata.uid"}}},{"name":"HOST","valueFrom":{"fieldRef":{"fieldPath":"status.hostIP"}}},
                {"name":"LIMIT","valueFrom":{"resourceFieldRef":{"resource":"limits.memory","divisor":"1Mi"}}},
                {"name":"ASKED","valueFrom":{"resourceFieldRef":{"resource":"requests.cpu"}}}]}]}
            """);
        Assert.Equal(
            [("A", "mine"), ("B", "2"), ("KEY_B", "hush"), ("C", "mine-hush-$(A)-$(NOBODY)"), ("D", "hush"), ("UID", "web"), ("HOST", "10.0.0.1"), ("LIMIT", "3"), ("ASKED", "0")],
            variables.Select(variable => (variable.Key, variable.Value)));
    }

    [Theory]
    [InlineData("""{"configMapKeyRef":{"name":"settings","key":"A"}}""", "configmap \"settings\" not found")]
    [InlineData("""{"secretKeyRef":{"name":"keys","key":"none"}}""", "couldn't find key none in secret default/keys")]
    [InlineData("""{"fieldRef":{"fieldPath":"metadata.labels"}}""", "unsupported fieldPath: metadata.labels")]
    public async Task A_container_waits_for_what_its_variables_come_from_and_says_so(string from, string why)
    {
        Put(KubernetesResources.Secrets, """{"kind":"Secret","metadata":{"name":"keys","namespace":"default"},"data":{"B":"aHVzaA=="}}""");
        var pod = _fixture.Bind("web", $$"""{"containers":[{"name":"main","image":"modular","env":[{"name":"A","valueFrom":{{from}}}]}]}""");
        await _fixture.UntilAsync(() => _fixture.Container(pod)?.State.Waiting is { Reason: "CreateContainerConfigError" });
        Assert.Equal(why, _fixture.Container(pod)!.State.Waiting!.Message);
    }

    [Fact]
    public async Task Services_of_the_namespace_and_the_api_are_known()
    {
        // Otherwise the agent may start the container before it hears of the services.
        await _fixture.KillAsync();
        PutService("default", "kubernetes", "127.128.0.1", """[{"name":"https","port":443}]""");
        PutService("default", "my-shop", "127.128.0.7", """[{"port":80},{"name":"names","port":53,"protocol":"UDP"}]""");
        PutService("default", "headless", "None", """[{"port":80}]""");
        PutService("other", "far", "127.128.0.8", """[{"port":80}]""");
        _fixture.Start();
        var variables = await StartAsync("""{"containers":[{"name":"main","image":"modular","env":[{"name":"MY_SHOP_SERVICE_HOST","value":"own"},{"name":"URL","value":"$(MY_SHOP_PORT)"}]}]}""");
        Assert.Equal("own", variables["MY_SHOP_SERVICE_HOST"]);
        Assert.Equal("tcp://127.128.0.7:80", variables["URL"]);
        Assert.Equal(("127.128.0.1", "443", "443"), (variables["KUBERNETES_SERVICE_HOST"], variables["KUBERNETES_SERVICE_PORT"], variables["KUBERNETES_SERVICE_PORT_HTTPS"]));
        Assert.Equal(("udp://127.128.0.7:53", "udp", "127.128.0.7"), (variables["MY_SHOP_PORT_53_UDP"], variables["MY_SHOP_PORT_53_UDP_PROTO"], variables["MY_SHOP_PORT_53_UDP_ADDR"]));
        Assert.DoesNotContain(variables.Keys, name => name.StartsWith("FAR", StringComparison.Ordinal) || name.StartsWith("HEADLESS", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_pod_that_wants_no_services_knows_the_api_only()
    {
        // Otherwise the agent may start the container before it hears of the services.
        await _fixture.KillAsync();
        PutService("default", "kubernetes", "127.128.0.1", """[{"name":"https","port":443}]""");
        PutService("default", "shop", "127.128.0.7", """[{"port":80}]""");
        _fixture.Start();
        var variables = await StartAsync("""{"enableServiceLinks":false,"containers":[{"name":"main","image":"modular"}]}""");
        Assert.All(variables.Keys, name => Assert.StartsWith("KUBERNETES_", name, StringComparison.Ordinal));
        Assert.NotEmpty(variables);
    }

    private async Task<Dictionary<string, string>> StartAsync(string spec)
    {
        await _fixture.UntilReadyAsync(_fixture.Bind("web", spec));
        return _fixture.Runtime.Specs["web_main_0"].Environment.Where(variable => !variable.Key.StartsWith("MODULAR_", StringComparison.Ordinal)).ToDictionary();
    }

    private void PutService(string ns, string name, string address, string ports) => Put(
        KubernetesResources.Services,
        $$$"""{"kind":"Service","metadata":{"name":"{{{name}}}","namespace":"{{{ns}}}"},"spec":{"clusterIP":"{{{address}}}","ports":{{{ports}}}}}""");

    private void Put(ApiMachinery.GroupVersionResource resource, string json)
    {
        var obj = JsonNode.Parse(json)!.AsObject();
        obj["apiVersion"] = "v1";
        _fixture.Api.Put(resource, obj);
    }
}
