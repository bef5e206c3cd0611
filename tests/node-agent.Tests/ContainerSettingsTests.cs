using Modular.Abstractions;

namespace Modular.Plugins.NodeAgent.Tests;

public sealed class ContainerSettingsTests : IAsyncLifetime
{
    private readonly AgentFixture _fixture = new("isolated");

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task Limits_of_containers_and_of_their_pod_reach_the_runtime()
    {
        await StartAsync("""
            {"overhead":{"memory":"1Mi"},
             "initContainers":[{"name":"side","image":"modular","restartPolicy":"Always","resources":{"limits":{"cpu":"100m","memory":"1Mi"}}}],
             "containers":[{"name":"main","image":"modular","resources":{"requests":{"cpu":"0.5","memory":"1Gi"},"limits":{"cpu":"1500m","memory":"2Gi"}}}]}
            """);
        var container = _fixture.Runtime.Specs["web_main_0"].Resources;
        Assert.Equal((500, 1500, 1L << 30, 2L << 30), (container.MilliCpuRequest, container.MilliCpuLimit, container.MemoryRequest, container.MemoryLimit));
        var pod = Sandbox().Resources;
        Assert.Equal((1600, (2L << 30) + (2L << 20)), (pod.MilliCpuLimit, pod.MemoryLimit));
    }

    [Fact]
    public async Task A_container_without_a_limit_leaves_its_pod_without_one()
    {
        await StartAsync("""
            {"containers":[{"name":"main","image":"modular","resources":{"limits":{"cpu":"1"}}},{"name":"other","image":"modular"}]}
            """);
        Assert.Equal((0, 0L), (Sandbox().Resources.MilliCpuLimit, Sandbox().Resources.MemoryLimit));
    }

    [Fact]
    public async Task Rights_of_the_pod_hold_where_the_container_has_no_wish()
    {
        await StartAsync("""
            {"securityContext":{"runAsUser":1000,"runAsGroup":2000,"fsGroup":3000,"supplementalGroups":[4000],"seccompProfile":{"type":"RuntimeDefault"}},
             "containers":[{"name":"main","image":"modular","securityContext":{"runAsUser":1001,"readOnlyRootFilesystem":true,"allowPrivilegeEscalation":false,
               "capabilities":{"add":["NET_ADMIN"],"drop":["ALL"]}}}]}
            """);
        var security = _fixture.Runtime.Specs["web_main_0"].Security;
        Assert.Equal((1001L, 2000L, "RuntimeDefault"), (security.RunAsUser, security.RunAsGroup, security.SeccompProfile));
        Assert.Equal([4000L, 3000L], security.SupplementalGroups);
        Assert.Equal((true, false, false), (security.ReadOnlyRootFilesystem, security.AllowPrivilegeEscalation, security.Privileged));
        Assert.Equal(["NET_ADMIN"], security.AddedCapabilities);
        Assert.Equal(["ALL"], security.DroppedCapabilities);
    }

    [Theory]
    [InlineData("/", "which is its root: choose a directory below it")]
    [InlineData("//..", "which is its root: choose a directory below it")]
    [InlineData("/proc", "where every container has its processes: choose another mountPath")]
    [InlineData("/proc/sys/kernel", "where every container has its processes: choose another mountPath")]
    [InlineData("proc/", "where every container has its processes: choose another mountPath")]
    public async Task A_volume_does_not_take_the_place_of_what_a_container_needs(string path, string why)
    {
        var pod = _fixture.Bind("web", Mounting(path));
        await _fixture.UntilAsync(() => _fixture.Container(pod)?.State.Waiting is { Reason: "CreateContainerConfigError" });
        var message = $"container \"main\" mounts volume \"data\" at mountPath \"{path}\", {why}";
        Assert.Equal(message, _fixture.Container(pod)!.State.Waiting!.Message);
        await _fixture.UntilAsync(() => _fixture.Events("Failed").Any(entry => entry.Message == $"Error: {message}"));
        Assert.Equal(0, _fixture.Runtime.Starts);
    }

    [Theory]
    [InlineData("/dev/shm")]
    [InlineData("/sys/fs/cgroup")]
    [InlineData("/sys")]
    [InlineData("/dev")]
    [InlineData("/process")]
    public Task A_volume_may_be_near_what_a_container_needs(string path) => StartAsync(Mounting(path));

    private static string Mounting(string path) => $$$"""
        {"containers":[{"name":"main","image":"modular","volumeMounts":[{"name":"data","mountPath":"{{{path}}}"}]}],"volumes":[{"name":"data","emptyDir":{}}]}
        """;

    [Theory]
    [InlineData("""{"runAsNonRoot":true}""", "container has runAsNonRoot and image will run as root (container: main)")]
    [InlineData("""{"runAsNonRoot":true,"runAsUser":0}""", "container's runAsUser breaks non-root policy (container: main)")]
    public async Task Who_must_not_be_root_is_not_started_as_root(string settings, string why)
    {
        var pod = _fixture.Bind("web", $$"""{"containers":[{"name":"main","image":"modular","securityContext":{{settings}}}]}""");
        await _fixture.UntilAsync(() => _fixture.Container(pod)?.State.Waiting is { Reason: "CreateContainerConfigError" });
        Assert.Equal(why, _fixture.Container(pod)!.State.Waiting!.Message);
        Assert.Equal(0, _fixture.Runtime.Starts);
    }

    [Fact]
    public async Task What_the_containers_share_is_the_sandbox_s()
    {
        await StartAsync("""
            {"hostPID":true,"hostIPC":true,"hostNetwork":true,"hostname":"first","shareProcessNamespace":true,
             "securityContext":{"sysctls":[{"name":"kernel.shm_rmid_forced","value":"1"}]},"containers":[{"name":"main","image":"modular"}]}
            """);
        var sandbox = Sandbox();
        Assert.Equal(("node-a", true, true, true, true), (sandbox.Hostname, sandbox.HostPID, sandbox.HostIPC, sandbox.HostNetwork, sandbox.ShareProcessNamespace));
        Assert.Equal("1", sandbox.Sysctls["kernel.shm_rmid_forced"]);
        Assert.Equal(4096, sandbox.Resources.PidsLimit);
    }

    [Fact]
    public async Task A_sidecar_that_is_not_ready_keeps_its_pod_from_being_ready()
    {
        var ready = false;
        _fixture.Runtime.Exec = _ => ready ? (0, "") : (1, "");
        var pod = _fixture.Bind("web", """
            {"initContainers":[{"name":"side","image":"modular","restartPolicy":"Always","readinessProbe":{"exec":{"command":["check"]},"periodSeconds":1}}],
             "containers":[{"name":"main","image":"modular"}]}
            """);
        await _fixture.UntilAsync(() => _fixture.Container(pod) is { Ready: true });
        await _fixture.UntilAsync(() => _fixture.Status(pod).Conditions.Any(
            condition => condition is { Type: "ContainersReady", Message: "containers with unready status: [side]" }));
        Assert.False(_fixture.Status(pod).IsReady);
        ready = true;
        await _fixture.AdvanceUntilAsync(() => _fixture.Status(pod).IsReady);
    }

    private Task StartAsync(string spec) => _fixture.UntilReadyAsync(_fixture.Bind("web", spec));

    private SandboxSpec Sandbox() => _fixture.Runtime.Sandbox("web").Spec;
}
