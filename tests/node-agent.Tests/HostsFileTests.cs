namespace Modular.Plugins.NodeAgent.Tests;

public sealed class HostsFileTests : IAsyncLifetime
{
    private readonly AgentFixture _fixture = new("isolated");

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task A_pod_knows_itself_and_the_names_it_adds()
    {
        var text = await HostsAsync("""
            {"hostname":"first","subdomain":"group","hostAliases":[{"ip":"1.2.3.4","hostnames":["one","two"]}],"containers":[{"name":"main","image":"modular"}]}
            """);
        Assert.StartsWith("# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n", text, StringComparison.Ordinal);
        Assert.EndsWith(
            "10.244.0.2\tfirst.group.default.svc.cluster.test\tfirst\n\n# Entries added by HostAliases.\n1.2.3.4\tone\ttwo\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pod_without_names_has_its_own()
    {
        var text = await HostsAsync("""{"containers":[{"name":"main","image":"modular"}]}""");
        Assert.EndsWith("\n10.244.0.2\tweb\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pod_on_the_node_s_network_has_the_node_s_names()
    {
        var text = await HostsAsync("""{"hostNetwork":true,"containers":[{"name":"main","image":"modular"}]}""");
        Assert.Equal(
            "# Kubernetes-managed hosts file (host network).\n" + await File.ReadAllTextAsync("/etc/hosts", TestContext.Current.CancellationToken), text);
    }

    [Fact]
    public async Task A_container_that_mounts_one_itself_keeps_it()
    {
        var pod = _fixture.Bind("web", """
            {"containers":[{"name":"main","image":"modular","volumeMounts":[{"name":"own","mountPath":"/etc/hosts"}]}],"volumes":[{"name":"own","emptyDir":{}}]}
            """);
        await _fixture.UntilReadyAsync(pod);
        Assert.Equal("own", Assert.Single(_fixture.Runtime.Specs["web_main_0"].Mounts, mount => mount.ContainerPath == "/etc/hosts").Name);
    }

    [Theory]
    [InlineData("", "web", "web\n")]
    [InlineData("\"hostname\":\"first\",", "first", "first\n")]
    [InlineData("\"hostNetwork\":true,", "node-a", null)]
    public async Task A_pod_finds_its_host_name_where_programs_look_for_it(string settings, string name, string? file)
    {
        await _fixture.UntilReadyAsync(_fixture.Bind("web", "{" + settings + "\"containers\":[{\"name\":\"main\",\"image\":\"modular\"}]}"));
        var mount = _fixture.Runtime.Specs["web_main_0"].Mounts.SingleOrDefault(mount => mount.ContainerPath == "/etc/hostname");
        Assert.Equal(name, _fixture.Runtime.Sandbox("web").Spec.Hostname);
        Assert.Equal(file, mount is null ? null : await File.ReadAllTextAsync(mount.HostPath, TestContext.Current.CancellationToken));
    }

    private async Task<string> HostsAsync(string spec)
    {
        await _fixture.UntilReadyAsync(_fixture.Bind("web", spec));
        var mount = Assert.Single(_fixture.Runtime.Specs["web_main_0"].Mounts, mount => mount.ContainerPath == "/etc/hosts");
        return await File.ReadAllTextAsync(mount.HostPath, TestContext.Current.CancellationToken);
    }
}
