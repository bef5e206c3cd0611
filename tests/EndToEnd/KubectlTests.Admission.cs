namespace Modular.EndToEnd;

/// <content>What kubectl is told of classes, limits and quotas.</content>
public sealed partial class KubectlTests
{
    private const string Rules = """
        apiVersion: v1
        kind: LimitRange
        metadata: {name: limits}
        spec: {limits: [{type: Container, default: {cpu: 200m}, defaultRequest: {cpu: 100m}, max: {cpu: 500m}}]}
        ---
        apiVersion: v1
        kind: ResourceQuota
        metadata: {name: quota}
        spec: {hard: {pods: "1", requests.cpu: "1"}}
        ---
        apiVersion: node.k8s.io/v1
        kind: RuntimeClass
        metadata: {name: heavy}
        handler: native
        overhead: {podFixed: {cpu: 250m}}
        """;

    [Fact]
    public async Task Classes_limits_and_quotas_are_heeded_wherever_the_plugin_runs()
    {
        await HeededAsync("in-process");
        await MoveAsync("process");
        await HeededAsync("process");
        await MoveAsync("in-process");
    }

    private async Task MoveAsync(string isolation)
    {
        await KubectlAsync("patch", "plugin", "admission", "--type=merge", "-p", $"{{\"spec\":{{\"isolation\":\"{isolation}\"}}}}");
        await KubectlAsync("wait", "plugin/admission", $"--for=jsonpath={{.status.isolation}}={isolation}", "--timeout=3m");
    }

    private async Task HeededAsync(string ns)
    {
        await KubectlAsync("create", "namespace", ns);
        (await Cluster.KubectlAsync(Rules, Cancellation, "apply", "-n", ns, "-f", "-")).MustSucceed();
        await KubectlAsync("wait", "quota/quota", "-n", ns, "--for=jsonpath={.status.used.pods}=0", "--timeout=3m");
        Assert.Contains("no PriorityClass with name none was found", await RefusedAsync(ns, """{"priorityClassName":"none"}"""), StringComparison.Ordinal);
        Assert.Contains("pod rejected: RuntimeClass \"none\" not found", await RefusedAsync(ns, """{"runtimeClassName":"none"}""", "--dry-run=server"), StringComparison.Ordinal);
        Assert.Contains(
            "maximum cpu usage per Container is 500m, but limit is 2",
            await RefusedAsync(ns, """{"containers":[{"name":"p","image":"host","resources":{"limits":{"cpu":"2"}}}]}"""), StringComparison.Ordinal);

        await RunAsync(ns, """{"priorityClassName":"system-cluster-critical","runtimeClassName":"heavy","nodeSelector":{"nowhere":"true"}}""");
        Assert.Equal(
            "2000000000 default 250m 100m", await KubectlAsync("get", "pod", "p", "-n", ns, "-o",
            "jsonpath={.spec.priority} {.spec.serviceAccountName} {.spec.overhead.cpu} {.spec.containers[0].resources.requests.cpu}"));
        Assert.Contains("exceeded quota: quota, requested: pods=1, used: pods=1, limited: pods=1", await RefusedAsync(ns, "{}"), StringComparison.Ordinal);
        Assert.Equal("350m", await KubectlAsync("get", "quota", "quota", "-n", ns, "-o", "jsonpath={.status.used.requests\\.cpu}"));

        await KubectlAsync("delete", "pod", "p", "-n", ns);
        await KubectlAsync("wait", "quota/quota", "-n", ns, "--for=jsonpath={.status.used.pods}=0", "--timeout=3m");
        await RunAsync(ns, """{"nodeSelector":{"nowhere":"true"}}""");
        await KubectlAsync("delete", "namespace", ns, "--wait=false");
    }

    private async Task<string> RefusedAsync(string ns, string spec, params string[] options)
    {
        var refused = await Cluster.KubectlAsync(Cancellation, [.. Run(ns, spec), .. options]);
        Assert.NotEqual(0, refused.Code);
        return refused.Errors;
    }

    private Task<string> RunAsync(string ns, string spec) => KubectlAsync(Run(ns, spec));

    private static string[] Run(string ns, string spec) => ["run", "p", "-n", ns, "--image=host", $"--overrides={{\"spec\":{spec}}}"];
}
