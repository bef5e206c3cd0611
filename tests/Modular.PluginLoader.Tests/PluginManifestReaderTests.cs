using System.Text;
using System.Text.Json.Nodes;

namespace Modular.PluginLoader.Tests;

public sealed class PluginManifestReaderTests
{
    private static JsonObject Good() => JsonNode.Parse("""
        {
          "schemaVersion": 1, "id": "scheduler-x", "displayName": "X", "description": "Places.", "version": "1.2.0",
          "provides": [{ "contract": "modular.scheduler", "range": "[0.1.0,0.2.0)" }],
          "requires": [{ "contract": "modular.store", "range": "[0.1.0,0.2.0)", "optional": true }],
          "permissions": [{ "apiGroups": [""], "resources": ["pods"], "verbs": ["get"] }], "hostPrivileges": ["sys-admin", "net-admin"],
          "entryAssembly": "X.dll", "entryType": "X.Plugin", "scope": "node", "unloadable": true
        }
        """)!.AsObject();

    private static PluginManifest Read(JsonNode manifest) =>
        PluginManifestReader.Read(Encoding.UTF8.GetBytes(manifest.ToJsonString()), "/p/plugin.json");

    [Fact]
    public void A_complete_manifest_is_read()
    {
        var manifest = Read(Good());

        Assert.Equal("scheduler-x", manifest.Id);
        Assert.Equal("1.2.0", manifest.Version.ToString());
        Assert.Equal("modular.scheduler", Assert.Single(manifest.Provides).Contract);
        Assert.True(Assert.Single(manifest.Requires).Optional);
        Assert.Equal(["pods"], Assert.Single(manifest.Permissions).Resources);
        Assert.Equal("net-admin, sys-admin", manifest.HostPrivileges.ToString());
        Assert.Equal(PluginScope.Node, manifest.Scope);
        Assert.True(manifest.Unloadable);
    }

    [Theory]
    [InlineData("id", null, "/p/plugin.json: id: is missing or empty; set it")]
    [InlineData("id", "\"Bad Id\"", "/p/plugin.json: id: 'Bad Id' has other characters than a-z, 0-9 and '-'; rename the plugin")]
    [InlineData("version", "\"one\"", "/p/plugin.json: version: 'one' is no semantic version; write one such as 1.2.0")]
    [InlineData("schemaVersion", "7", "/p/plugin.json: schemaVersion: 7 is not known to this host, which reads 1; use a host that fits")]
    [InlineData("exchange", "\"never\"", "/p/plugin.json: exchange: 'never' is not known; write by-contract or beside or after")]
    [InlineData("unloadable", "\"yes\"", "/p/plugin.json: unloadable: is a string; write true or false")]
    [InlineData("scope", "\"moon\"", "/p/plugin.json: scope: 'moon' is not known; write server or node")]
    [InlineData("provides", "{}", "/p/plugin.json: provides: is an object; write a list")]
    [InlineData("provides", "[{\"contract\":\"c\",\"range\":\"new\"}]", "/p/plugin.json: provides[0].range: 'new' is no version range; write one such as [0.1.0,0.2.0)")]
    [InlineData("provides", "[{\"contract\":\"c\",\"range\":\"1.0\"},{\"contract\":\"c\",\"range\":\"1.0\"}]", "/p/plugin.json: provides: 'c' stands twice; write it once")]
    [InlineData("requires", "[7]", "/p/plugin.json: requires[0]: is a number; write an object")]
    [InlineData("permissions", "[{\"apiGroups\":[\"\"],\"resources\":[],\"verbs\":[\"get\"]}]", "/p/plugin.json: permissions[0].resources: is empty; name the resources")]
    [InlineData("hostPrivileges", "[\"NET_ADMIN\"]", "/p/plugin.json: hostPrivileges: 'NET_ADMIN' is not known; write a Linux capability in lower case with dashes, such as net-admin, or all")]
    [InlineData("entryAssembly", "\"../X.dll\"", "/p/plugin.json: entryAssembly: '../X.dll' is a path; write the name of a file beside the manifest")]
    [InlineData("isolation", "\"vm\"", "/p/plugin.json: isolation: 'vm' is not known; write in-process or process")]
    [InlineData("command", "[\"python3\"]", "/p/plugin.json: command: stands beside an entryAssembly or entryType; write one of the two")]
    public void What_is_wrong_is_said_in_one_line(string field, string? value, string message)
    {
        var manifest = Good();
        manifest.Remove(field);
        if (value is not null)
        {
            manifest[field] = JsonNode.Parse(value);
        }

        Assert.Equal(message, Assert.Throws<PluginManifestException>(() => Read(manifest)).Message);
    }

    [Fact]
    public void What_is_no_json_is_said_with_its_line()
    {
        var error = Assert.Throws<PluginManifestException>(() => PluginManifestReader.Read("{\n  oops"u8.ToArray(), "plugin.json"));

        Assert.StartsWith("plugin.json: is no JSON (line 2)", error.Message, StringComparison.Ordinal);
    }
}
