using System.Text.Json.Nodes;

namespace Modular.Kernel.Plugins.Tests;

public sealed class DistributionTests
{
    private static Distribution Read(string plugins) => Distribution.Read(
        JsonNode.Parse($$"""{ "apiVersion": "modular.dev/v1alpha1", "kind": "Distribution", "metadata": { "name": "x" }, "plugins": {{plugins}} }"""), "x.yaml");

    [Fact]
    public void Slots_are_read_in_order()
    {
        var distribution = Read("""[{ "name": "store", "plugin": "store-embedded", "version": "1.0.0", "configuration": { "a": 1 } }, { "name": "b", "plugin": "c", "host": "node", "enabled": false }]""");

        Assert.Equal("x", distribution.Name);
        Assert.Equal(["store", "b"], distribution.Slots.Select(s => s.Name));
        Assert.Equal(("1.0.0", 1, true), (distribution.Slots[0].Version, (int)distribution.Slots[0].Configuration["a"]!, distribution.Slots[0].Enabled));
        Assert.False(distribution.Slots[1].Enabled);
        Assert.Equal(["", "node"], distribution.Slots.Select(s => s.Host));
    }

    [Fact]
    public void A_trial_is_read()
    {
        var distribution = Read("""[{ "name": "try", "plugin": "c", "trial": { "mode": "canary", "selector": "app in (web)", "share": 20 } }, { "name": "b", "plugin": "c" }]""");
        Assert.Equal(new Trial(TrialMode.Canary) { Selector = "app in (web)", Share = 20 }, distribution.Slots[0].Trial);
        Assert.Null(distribution.Slots[1].Trial);
    }

    [Fact]
    public void Privileges_are_read()
    {
        var distribution = Read("""[{ "name": "network", "plugin": "c", "privileges": ["net-admin", "chown"] }, { "name": "b", "plugin": "c" }]""");
        Assert.Equal(["chown", "net-admin"], distribution.PrivilegesOf("network").Names);
        Assert.Empty(distribution.PrivilegesOf("b").Names);
        Assert.Empty(distribution.PrivilegesOf("c").Names);
    }

    [Theory]
    [InlineData("[]", "x.yaml: plugins is missing or empty; list the plugins of the cluster")]
    [InlineData("[7]", "x.yaml: plugins[0] is no mapping; write name and plugin")]
    [InlineData("""[{ "plugin": "a" }]""", "x.yaml: plugins[0].name is missing; set it")]
    [InlineData("""[{ "name": "a" }]""", "x.yaml: plugins[0].plugin is missing; set it")]
    [InlineData("""[{ "name": "a", "plugin": "b", "config": {} }]""", "x.yaml: plugins[0].config is not known; write name, plugin, version, host, isolation, configuration, enabled, trial, limits or privileges")]
    [InlineData("""[{ "name": "a", "plugin": "b", "trial": "shadow" }]""", "x.yaml: plugins[0].trial is no mapping; write mode, selector, share and role")]
    [InlineData("""[{ "name": "a", "plugin": "b", "trial": { "mode": "canary", "share": 101 } }]""", "x.yaml: plugins[0].trial.share: '101': write a percentage from 1 to 100")]
    [InlineData("""[{ "name": "a", "plugin": "b", "trial": { "mode": "canary", "percent": 10 } }]""", "x.yaml: plugins[0].trial.percent: '10': is not known; write mode, selector, share and role")]
    [InlineData("""[{ "name": "a", "plugin": "b", "limits": "256Mi" }]""", "x.yaml: plugins[0].limits is no mapping; write memory and cpu")]
    [InlineData("""[{ "name": "a", "plugin": "b", "limits": { "disk": "1" } }]""", "x.yaml: plugins[0].limits.disk: '1': is not known; write memory and cpu")]
    [InlineData("""[{ "name": "a", "plugin": "b", "limits": { "cpu": "1m" } }]""", "x.yaml: plugins[0].limits.cpu: '1m': write a quantity of CPUs from 10m to 1M, such as 500m")]
    [InlineData("""[{ "name": "a", "plugin": "b", "limits": { "memory": "8Ei" } }]""", "x.yaml: plugins[0].limits.memory: '8Ei': write a quantity of bytes from 16Mi to 1Pi, such as 256Mi")]
    [InlineData("""[{ "name": "a", "plugin": "b", "limits": { "memory": 5 } }]""", "x.yaml: plugins[0].limits.memory: '5': write a quantity of bytes from 16Mi to 1Pi, such as 256Mi")]
    [InlineData("""[{ "name": "a", "plugin": "b", "limits": { "memory": "1Mi" } }]""", "x.yaml: plugins[0].limits.memory: '1Mi': write a quantity of bytes from 16Mi to 1Pi, such as 256Mi")]
    [InlineData("""[{ "name": "a", "plugin": "b", "privileges": "net-admin" }]""", "x.yaml: plugins[0].privileges is no list; write names, such as [net-admin]")]
    [InlineData("""[{ "name": "a", "plugin": "b", "privileges": ["chown", "root"] }]""", "x.yaml: plugins[0].privileges[1]: 'root': write a Linux capability in lower case with dashes, such as net-admin, or all")]
    [InlineData("""[{ "name": "a", "plugin": "b", "isolation": "vm" }]""", "x.yaml: plugins[0].isolation: 'vm' is not known; write in-process or process")]
    [InlineData("""[{ "name": "a", "plugin": "b", "host": "../node" }]""", "x.yaml: plugins[0].host: '../node' is no name for a host process: a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')")]
    [InlineData("""[{ "name": "a", "plugin": "b", "configuration": 1 }]""", "x.yaml: plugins[0].configuration is no mapping; write names and values")]
    [InlineData("""[{ "name": "a", "plugin": "b" }, { "name": "a", "plugin": "c" }]""", "x.yaml: plugins[1].name: 'a' stands twice; give each entry a name of its own")]
    public void What_is_wrong_is_said_in_one_line(string plugins, string message) =>
        Assert.Equal(message, Assert.Throws<DistributionException>(() => Read(plugins)).Message);

    [Fact]
    public void An_unknown_key_beside_the_plugins_is_refused()
    {
        var document = new JsonObject { ["apiVersion"] = Distribution.ApiVersion, ["kind"] = "Distribution", ["colour"] = "red" };
        var error = Assert.Throws<DistributionException>(() => Distribution.Read(document, "x.yaml"));
        Assert.Equal("x.yaml: colour is not known; write apiVersion, kind, metadata and plugins", error.Message);
    }

    [Fact]
    public void Another_file_is_refused() => Assert.Throws<DistributionException>(() => Distribution.Read(new JsonObject(), "x.yaml"));
}
