namespace Modular.EndToEnd;

/// <summary>The real kubectl applies on the server's side.</summary>
public sealed class ServerSideApplyTests(SharedCluster shared) : IClassFixture<SharedCluster>
{
    private const string Service = """
        apiVersion: v1
        kind: Service
        metadata: {name: owned, labels: {app: owned}}
        spec:
          selector: {app: owned}
          ports:
          - {name: web, port: 80}
          - {name: dns, port: 53, protocol: UDP}
        """;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private TestCluster Cluster => shared.ForKubectl;

    [Fact]
    public async Task Kubectl_applies_conflicts_forces_and_shows_who_owns_what()
    {
        Assert.Contains("service/owned serverside-applied", await ApplyAsync(Service, "--server-side"), StringComparison.Ordinal);
        var revision = await GetAsync("{.metadata.resourceVersion}");
        Assert.Contains("serverside-applied", await ApplyAsync(Service, "--server-side"), StringComparison.Ordinal);
        Assert.Equal(revision, await GetAsync("{.metadata.resourceVersion}"));
        Assert.Equal("kubectl Apply ", await GetAsync("{range .metadata.managedFields[*]}{.manager} {.operation} {end}", "--show-managed-fields"));
        Assert.DoesNotContain("managedFields", await KubectlAsync("get", "service", "owned", "-o", "yaml"), StringComparison.Ordinal);

        await KubectlAsync("label", "service", "owned", "app=other", "--overwrite");
        var refused = await Cluster.KubectlAsync(Service, Cancellation, "apply", "--server-side", "-f", "-");
        Assert.NotEqual(0, refused.Code);
        Assert.Contains("Apply failed with 1 conflict: conflict with \"kubectl-label\" using v1: .metadata.labels.app", refused.Errors, StringComparison.Ordinal);
        var difference = await Cluster.KubectlAsync(Service, Cancellation, "diff", "--server-side", "--force-conflicts", "-f", "-");
        Assert.Equal(1, difference.Code);
        Assert.Contains("+    app: owned", difference.Output, StringComparison.Ordinal);
        await ApplyAsync(Service, "--server-side", "--force-conflicts");
        Assert.Equal("owned", await GetAsync("{.metadata.labels.app}"));
        Assert.Equal(0, (await Cluster.KubectlAsync(Service, Cancellation, "diff", "--server-side", "-f", "-")).Code);

        await ApplyAsync(Service.Replace("  - {name: dns, port: 53, protocol: UDP}", "", StringComparison.Ordinal), "--server-side");
        Assert.Equal("web ", await GetAsync("{range .spec.ports[*]}{.name} {end}"));
        Assert.NotEmpty(await GetAsync("{.spec.clusterIP}"));
        Assert.Contains("managedFields:", (await Cluster.RunAsync(Cancellation, "get", "service", "owned", "-o", "yaml", "--show-managed-fields")).MustSucceed().Output, StringComparison.Ordinal);
        Assert.DoesNotContain("managedFields", (await Cluster.RunAsync(Cancellation, "get", "service", "owned", "-o", "yaml")).MustSucceed().Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Kubectl_goes_over_from_applying_by_itself()
    {
        const string Before = """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"moved"},"data":{"a":"1","b":"2"}}""";
        const string After = """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"moved"},"data":{"a":"3"}}""";
        await ApplyAsync(Before);
        Assert.Contains("serverside-applied", await ApplyAsync(After, "--server-side"), StringComparison.Ordinal);
        Assert.Equal("3", await KubectlAsync("get", "configmap", "moved", "-o", "jsonpath={.data.a}"));
    }

    private async Task<string> ApplyAsync(string manifest, params string[] arguments) =>
        (await Cluster.KubectlAsync(manifest, Cancellation, ["apply", .. arguments, "-f", "-"])).MustSucceed().Output;

    private Task<string> GetAsync(string path, params string[] arguments) => KubectlAsync(["get", "service", "owned", "-o", "jsonpath=" + path, .. arguments]);

    private async Task<string> KubectlAsync(params string[] arguments) =>
        (await Cluster.KubectlAsync(Cancellation, arguments)).MustSucceed().Output;
}
