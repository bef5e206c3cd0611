using System.Text.Json.Nodes;
using Modular.Plugins.ResourcesKubernetes.Strategies;

namespace Modular.Plugins.ResourcesKubernetes.Tests;

public sealed class StrategiesTests
{
    private const string Containers = "\"containers\":[{\"name\":\"a\",\"image\":\"i\"}]";

    [Fact]
    public void A_replication_controller_selects_what_its_template_makes()
    {
        var controller = StrategiesFixture.Read($$$"""{"spec":{"template":{"metadata":{"labels":{"app":"web"}},"spec":{ {{{Containers}}} } } } }""");
        ReplicationControllerStrategy.Instance.Default(controller);
        Assert.Equal("web", controller.GetString("spec.selector.app"));
        Assert.Equal("web", controller.GetString("metadata.labels.app"));
        Assert.Equal("Always", controller.GetArray("spec.template.spec.containers")![0]!["imagePullPolicy"].AsString());
        Assert.Empty(StrategiesFixture.Errors(ReplicationControllerStrategy.Instance, controller));
    }

    [Theory]
    [InlineData(
        """{"replicas":-1,"selector":{"a":"b"},"template":{"metadata":{"labels":{"a":"b"}},"spec":{}}}""",
        "spec.replicas: Invalid value: -1: must be greater than or equal to 0")]
    [InlineData(
        """{"selector":{"a":"c"},"template":{"metadata":{"labels":{"a":"b"}},"spec":{}}}""",
        "spec.template.metadata.labels: Invalid value: {\"a\":\"b\"}: `selector` does not match template `labels`")]
    [InlineData("""{"selector":{"a":"b"}}""", "spec.template: Required value")]
    [InlineData(
        """{"selector":{"a":"b"},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[]}}}""",
        "spec.template.spec.containers: Required value")]
    [InlineData(
        """{"selector":{"a":"b"},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"restartPolicy":"Never"}}}""",
        "spec.template.spec.restartPolicy: Unsupported value: \"Never\": supported values: \"Always\"")]
    public void A_replication_controller_is_told_what_is_wrong_with_it(string spec, string error) => StrategiesFixture.Expect(
        error, StrategiesFixture.Errors(ReplicationControllerStrategy.Instance, StrategiesFixture.Read($$"""{"spec":{{spec}}}""")));

    [Fact]
    public async Task A_namespace_is_held_until_it_is_finalized()
    {
        var strategy = NamespaceStrategy.Instance;
        var created = StrategiesFixture.Read("""{"metadata":{"name":"web"}}""");
        await strategy.PrepareForCreateAsync(StrategiesFixture.Context, created, TestContext.Current.CancellationToken);
        Assert.Equal("Active", created.GetString("status.phase"));
        Assert.Equal("web", created.GetStringMap("metadata.labels")["kubernetes.io/metadata.name"]);
        Assert.True(strategy.HoldsDeletion(created));

        var updated = StrategiesFixture.Read("""{"metadata":{"name":"web"},"spec":{"finalizers":[]}}""");
        await strategy.PrepareForUpdateAsync(StrategiesFixture.Context, updated, created, TestContext.Current.CancellationToken);
        Assert.True(strategy.HoldsDeletion(updated));

        strategy.BeginDeletion(StrategiesFixture.Context, created);
        Assert.Equal("Terminating", created.GetString("status.phase"));
        await NamespaceFinalizeAction.Instance.ApplyAsync(
            StrategiesFixture.Context, StrategiesFixture.Read("""{"spec":{"finalizers":[]}}"""), created, TestContext.Current.CancellationToken);
        Assert.False(strategy.HoldsDeletion(created));
    }

    [Fact]
    public async Task A_namespace_finalized_from_an_old_version_conflicts()
    {
        var current = StrategiesFixture.Read("""{"metadata":{"name":"web","resourceVersion":"2"},"spec":{"finalizers":["kubernetes"]}}""");
        var request = StrategiesFixture.Read("""{"metadata":{"name":"web","resourceVersion":"1"}}""");
        var failure = await Assert.ThrowsAsync<ApiException>(
            async () => await NamespaceFinalizeAction.Instance.ApplyAsync(StrategiesFixture.Context, request, current, TestContext.Current.CancellationToken));
        Assert.Equal(StatusReason.Conflict, failure.Reason);
    }

    [Theory]
    [InlineData("""{"data":{"a.b":"c"}}""", "")]
    [InlineData("""{"data":{"..":"c"}}""", "data[..]: Invalid value: \"..\": must not be '..'")]
    [InlineData("""{"data":{"a":"b"},"binaryData":{"a":"AA=="}}""", "data[a]: Invalid value: \"a\": duplicate of key present in binaryData")]
    [InlineData("""{"binaryData":{"a":"?"}}""", "binaryData[a]: Invalid value: \"<base64>\": must be valid base64")]
    public void A_config_map_is_told_what_is_wrong_with_it(string map, string error) =>
        StrategiesFixture.Expect(error, StrategiesFixture.Errors(ConfigMapStrategy.Instance, StrategiesFixture.Read(map)));

    [Theory]
    [InlineData(1048576, "")]
    [InlineData(1048577, "[]: Too long: may not be more than 1048576 bytes")]
    public void A_config_map_holds_a_mebibyte(int size, string error)
    {
        var map = new JsonObject { ["data"] = new JsonObject { ["a"] = new string('x', size) } };
        StrategiesFixture.Expect(error, StrategiesFixture.Errors(ConfigMapStrategy.Instance, map));
    }

    [Theory]
    [InlineData("""{"immutable":true,"data":{"a":"MQ=="}}""", "")]
    [InlineData("""{"immutable":true,"data":{"a":"Mg=="}}""", "data: Forbidden: field is immutable when `immutable` is set")]
    [InlineData("""{"data":{"a":"MQ=="}}""", "immutable: Forbidden: field is immutable when `immutable` is set")]
    public void What_is_sealed_stays(string changed, string error)
    {
        var old = StrategiesFixture.Read("""{"immutable":true,"data":{"a":"MQ=="}}""");
        StrategiesFixture.Expect(error, StrategiesFixture.Errors(ConfigMapStrategy.Instance, StrategiesFixture.Read(changed), old));
        StrategiesFixture.Expect(error, StrategiesFixture.Errors(SecretStrategy.Instance, StrategiesFixture.Read(changed), old));
    }

    [Fact]
    public void Text_of_a_secret_becomes_data()
    {
        var secret = StrategiesFixture.Read("""{"data":{"a":"MQ=="},"stringData":{"a":"x","b":"é"}}""");
        SecretStrategy.Instance.Default(secret);
        Assert.False(secret.ContainsKey("stringData"));
        Assert.Equal(("eA==", "w6k="), (secret.GetString("data.a"), secret.GetString("data.b")));
    }

    [Fact]
    public void The_type_of_a_secret_stays() => StrategiesFixture.Expect(
        "type: Invalid value: \"b\": field is immutable",
        StrategiesFixture.Errors(
            SecretStrategy.Instance, StrategiesFixture.Read("""{"type":"b"}"""), StrategiesFixture.Read("""{"type":"Opaque"}""")));

    [Theory]
    [InlineData("""{"type":"ClusterIP","ports":[{"port":80}]}""", "")]
    [InlineData("""{"type":"ClusterIP"}""", "spec.ports: Required value")]
    [InlineData("""{"type":"ClusterIP","clusterIP":"None"}""", "")]
    [InlineData("""{"type":"ExternalName","externalName":"example.com"}""", "")]
    [InlineData("""{"type":"ExternalName"}""", "spec.externalName: Required value")]
    [InlineData("""{"type":"ClusterIP","ports":[{"name":"a","port":80},{"port":81}]}""", "spec.ports[1].name: Required value")]
    [InlineData("""{"type":"ClusterIP","ports":[{"name":"a","port":80},{"name":"a","port":81}]}""", "spec.ports[1].name: Duplicate value: \"a\"")]
    [InlineData(
        """{"type":"ClusterIP","ports":[{"name":"a","port":80},{"name":"b","port":80}]}""",
        "spec.ports[1]: Duplicate value: {\"protocol\":\"TCP\",\"port\":80}")]
    [InlineData("""{"type":"ClusterIP","ports":[{"name":"a","port":80},{"name":"b","port":80,"protocol":"UDP"}]}""", "")]
    [InlineData("""{"type":"ClusterIP","ports":[{"port":0}]}""", "spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive")]
    public void A_service_is_told_what_is_wrong_with_it(string spec, string error)
    {
        var service = StrategiesFixture.Read($$"""{"spec":{{spec}}}""");
        StrategiesFixture.Expect(error, StrategiesFixture.Errors(StrategiesFixture.Services, service));
    }

    [Theory]
    [InlineData("", "None", "")]
    [InlineData("10.0.0.9", "10.0.0.9", "spec.clusterIP: Invalid value: \"10.0.0.9\": field is immutable")]
    public async Task A_service_keeps_its_address(string sent, string kept, string error)
    {
        var old = StrategiesFixture.Read("""{"spec":{"type":"ClusterIP","clusterIP":"None"}}""");
        var service = StrategiesFixture.Read("""{"spec":{"type":"ClusterIP","ports":[{"port":80}]}}""");
        service.Set("spec.clusterIP", sent);
        await StrategiesFixture.Services.PrepareForUpdateAsync(
            StrategiesFixture.Context, service, old, TestContext.Current.CancellationToken);
        Assert.Equal(kept, service.GetString("spec.clusterIP"));
        StrategiesFixture.Expect(error, StrategiesFixture.Errors(StrategiesFixture.Services, service, old));
    }

    [Fact]
    public void A_services_port_is_its_target_unless_said()
    {
        var service = StrategiesFixture.Read("""{"spec":{"type":"ClusterIP","ports":[{"port":80},{"port":81,"targetPort":"web"}]}}""");
        StrategiesFixture.Services.Default(service);
        var ports = service.GetArray("spec.ports")!;
        Assert.Equal((80L, "web"), (ports[0]!["targetPort"].AsInt64(), ports[1]!["targetPort"].AsString()));
    }

    [Theory]
    [InlineData("10.0.0.1", false, "")]
    [InlineData("fd00::1", false, "")]
    [InlineData("127.0.0.1", true, "")]
    [InlineData("127.0.0.1", false, "may not be in the loopback range (127.0.0.0/8, ::1/128)")]
    [InlineData("::1", false, "may not be in the loopback range (127.0.0.0/8, ::1/128)")]
    [InlineData("169.254.1.1", true, "may not be in the link-local range (169.254.0.0/16, fe80::/10)")]
    [InlineData("0.0.0.0", true, "may not be unspecified (0.0.0.0)")]
    [InlineData("10.1", true, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)")]
    public void An_endpoint_is_an_address_that_others_reach(string ip, bool allowLoopback, string error)
    {
        var expected = error.Length == 0 ? "" : $": Invalid value: \"{ip}\": {error}";
        var endpoints = StrategiesFixture.Read($$"""{"subsets":[{"addresses":[{"ip":"{{ip}}"}]}]}""");
        var family = ip.Contains(':', StringComparison.Ordinal) ? "IPv6" : "IPv4";
        var slice = StrategiesFixture.Read($$"""{"addressType":"{{family}}","endpoints":[{"addresses":["{{ip}}"]}]}""");
        StrategiesFixture.Expect(
            error.Length == 0 ? "" : "subsets[0].addresses[0].ip" + expected,
            StrategiesFixture.Errors(EndpointsStrategy.Instance, endpoints, null, allowLoopback));
        StrategiesFixture.Expect(
            error.Length == 0 ? "" : "endpoints[0].addresses[0]" + expected,
            StrategiesFixture.Errors(EndpointSliceStrategy.Instance, slice, null, allowLoopback));
    }

    [Fact]
    public void The_type_of_a_slices_addresses_stays() => StrategiesFixture.Expect(
        "addressType: Invalid value: \"IPv6\": field is immutable",
        StrategiesFixture.Errors(
            EndpointSliceStrategy.Instance,
            StrategiesFixture.Read("""{"addressType":"IPv6"}"""),
            StrategiesFixture.Read("""{"addressType":"IPv4"}""")));

    [Theory]
    [InlineData(1, "")]
    [InlineData(0, "spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0")]
    public void A_lease_lasts(int seconds, string error) => StrategiesFixture.Expect(
        error, StrategiesFixture.Errors(LeaseStrategy.Instance, StrategiesFixture.Read($$"""{"spec":{"leaseDurationSeconds":{{seconds}} } }""")));

    [Theory]
    [InlineData("garden", "garden", "")]
    [InlineData("default", "", "")]
    [InlineData("garden", "", "involvedObject.namespace: Invalid value: \"\": does not match event.namespace")]
    [InlineData("garden", "shed", "involvedObject.namespace: Invalid value: \"shed\": does not match event.namespace")]
    public void An_event_lives_where_its_object_does(string itself, string about, string error)
    {
        var @event = StrategiesFixture.Read(
            $$"""{"metadata":{"namespace":"{{itself}}"},"involvedObject":{"namespace":"{{about}}"} }""");
        StrategiesFixture.Expect(error, StrategiesFixture.Errors(EventStrategy.Instance, @event));
    }
}
