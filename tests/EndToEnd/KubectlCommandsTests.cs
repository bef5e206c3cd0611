using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Modular.EndToEnd;

/// <summary>One command of kubectl after the other, for what no longer story needs.</summary>
public sealed class KubectlCommandsTests(SharedCluster shared) : IClassFixture<SharedCluster>
{
    private const string ConfigMap = """
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: settings}
        data: {color: COLOR}
        """;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private TestCluster Cluster => shared.ForKubectl;

    [Fact]
    public async Task The_cluster_tells_what_it_is()
    {
        Assert.Matches(@"Server Version: v1\.36\.\d+\+modular", await RunAsync("version"));
        Assert.Matches("Kubernetes control plane.* is running at", await RunAsync("cluster-info"));
        var versions = (await RunAsync("api-versions")).Split('\n');
        Assert.Superset(
            new HashSet<string> { "apps/v1", "authentication.k8s.io/v1", "authorization.k8s.io/v1", "autoscaling/v1", "autoscaling/v2", "batch/v1", "events.k8s.io/v1", "policy/v1", "v1" },
            versions.ToHashSet());
        Assert.Contains("Roles:", await RunAsync("describe", "node"), StringComparison.Ordinal);
        Assert.Contains("No resource quota.", await RunAsync("describe", "namespace", "kube-public"), StringComparison.Ordinal);
        var missing = await Cluster.KubectlAsync(Cancellation, "top", "nodes");
        Assert.Contains("Metrics API not available", missing.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Objects_are_compared_replaced_and_edited()
    {
        Assert.Contains("created", await RunAsync(ConfigMap, "create", "-f", "-"), StringComparison.Ordinal);
        var diff = await Cluster.KubectlAsync(ConfigMap.Replace("COLOR", "red", StringComparison.Ordinal), Cancellation, "diff", "-f", "-");
        Assert.Equal(1, diff.Code);
        Assert.Contains("+  color: red", diff.Output, StringComparison.Ordinal);
        Assert.Contains("replaced", await RunAsync(ConfigMap.Replace("COLOR", "blue", StringComparison.Ordinal), "replace", "-f", "-"), StringComparison.Ordinal);
        Assert.Contains("replaced", await RunAsync(ConfigMap.Replace("COLOR", "green", StringComparison.Ordinal), "replace", "--force", "-f", "-"), StringComparison.Ordinal);
        Assert.Equal("green", await RunAsync("get", "cm", "settings", "-o", "jsonpath={.data.color}"));
        Assert.Contains("annotated", await RunAsync("annotate", "cm", "settings", "why=because"), StringComparison.Ordinal);
        Assert.Contains("annotated", await RunAsync("annotate", "cm", "settings", "why-"), StringComparison.Ordinal);
        Assert.Contains("patched", await RunAsync("patch", "cm", "settings", "--type=json", "-p", """[{"op":"add","path":"/data/size","value":"9"}]"""), StringComparison.Ordinal);
        Assert.Matches(@"NAME\s+SIZE\nsettings\s+9\n", await RunAsync("get", "cm", "settings", "-o", "custom-columns=NAME:.metadata.name,SIZE:.data.size"));
        await RunAsync("wait", "cm/kube-root-ca.crt", "--for=create", "--timeout=3m");
        Assert.Matches(@"(?s)kube-root-ca\.crt.*settings", await RunAsync("get", "cm", "--sort-by=.metadata.name"));
        Assert.Equal("settings\n", await RunAsync("get", "cm", "--field-selector=metadata.name=settings", "-o", "go-template={{range .items}}{{.metadata.name}}\n{{end}}"));
        Assert.Contains("deleted", await RunAsync("delete", "cm", "settings", "--cascade=foreground"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Things_are_made_by_their_own_commands()
    {
        await RunAsync("create", "namespace", "made");
        foreach (var arguments in (string[])
        [
            "deployment web --image=host --replicas=2", "job once --image=host -- true", "cronjob often --image=host --schedule=@hourly -- true", "quota small --hard=pods=5",
            "poddisruptionbudget two --selector=app=web --min-available=2", "ingress front --rule=example.org/*=web:80", "service nodeport web --tcp=80:8080",
            "service externalname other --external-name=example.org", "secret tls none --dry-run=server", "configmap files --from-file=/etc/hostname",
        ])
        {
            var result = await Cluster.KubectlAsync(Cancellation, ["create", "-n", "made", .. arguments.Split(' ')]);
            Assert.True(
                arguments.StartsWith("secret tls", StringComparison.Ordinal) ? result.Code != 0 : result.Output.Contains("created", StringComparison.Ordinal),
                $"{arguments}: {result.Output}{result.Errors}");
        }

        Assert.Contains("created", await RunAsync("create", "priorityclass", "made", "--value=5"), StringComparison.Ordinal);
        Assert.Matches(@"deployment.apps/web\s+0/2", await RunAsync("get", "all", "-n", "made"));
        Assert.Contains("image updated", await RunAsync("set", "image", "-n", "made", "deployment/web", "host=modular"), StringComparison.Ordinal);
        Assert.Contains("env updated", await RunAsync("set", "env", "-n", "made", "deployment/web", "A=b"), StringComparison.Ordinal);
        Assert.Contains("resource requirements updated", await RunAsync("set", "resources", "-n", "made", "deployment/web", "--requests=cpu=10m"), StringComparison.Ordinal);
        Assert.Contains("restarted", await RunAsync("rollout", "restart", "-n", "made", "deployment/web"), StringComparison.Ordinal);
        Assert.Contains("paused", await RunAsync("rollout", "pause", "-n", "made", "deployment/web"), StringComparison.Ordinal);
        Assert.Contains("exposed", await RunAsync("expose", "-n", "made", "deployment", "web", "--name=shown", "--port=80"), StringComparison.Ordinal);
        Assert.Contains("scaled", await RunAsync("scale", "-n", "made", "deployment", "web", "--replicas=3", "--current-replicas=2"), StringComparison.Ordinal);
        Assert.Contains("Min available:", await RunAsync("describe", "pdb", "-n", "made"), StringComparison.Ordinal);
        Assert.Contains("StrategyType:", await RunAsync("describe", "deployment", "-n", "made"), StringComparison.Ordinal);
        await RunAsync("delete", "priorityclass", "made");
        await RunAsync("delete", "namespace", "made");
    }

    [Fact]
    public async Task A_pod_is_run_copied_from_and_copied_to()
    {
        Assert.Contains("created", await RunAsync("run", "box", "--image=host", "--labels=app=box", "--command", "--", "sleep", "1000"), StringComparison.Ordinal);
        await RunAsync("wait", "pod/box", "--for=condition=Ready", "--timeout=3m");
        var (sent, received) = (Path.Combine(Cluster.DataDirectory, "sent"), Path.Combine(Cluster.DataDirectory, "received"));
        await File.WriteAllTextAsync(sent, "carried\n", Cancellation);
        var inside = $"/tmp/carried-{Cluster.Port}";
        await RunAsync("cp", sent, $"box:{inside}");
        await RunAsync("cp", $"box:{inside}", received);
        Assert.Equal("carried\n", await File.ReadAllTextAsync(received, Cancellation));
        await RunAsync("exec", "box", "--", "rm", inside);
        Assert.Contains("exposed", await RunAsync("expose", "pod", "box", "--port=80"), StringComparison.Ordinal);
        Assert.Contains("tainted", await RunAsync("taint", "nodes", "--all", "example.org/dry=yes:PreferNoSchedule"), StringComparison.Ordinal);
        Assert.Contains("untainted", await RunAsync("taint", "nodes", "--all", "example.org/dry-"), StringComparison.Ordinal);
        Assert.Contains("deleted", await RunAsync("delete", "service/box", "pod/box", "--now"), StringComparison.Ordinal);
        Assert.Empty((await RunAsync("get", "pods", "-l", "app=box", "-o", "name")).Trim());
    }

    [Fact]
    public async Task A_request_for_a_certificate_is_approved()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = Convert.ToBase64String(Encoding.ASCII.GetBytes(
            new CertificateRequest("CN=carla", key, HashAlgorithmName.SHA256).CreateSigningRequestPem()));
        await RunAsync($$"""
            {"apiVersion":"certificates.k8s.io/v1","kind":"CertificateSigningRequest","metadata":{"name":"carla"},
             "spec":{"request":"{{request}}","signerName":"example.org/me","usages":["client auth"]} }
            """, "create", "-f", "-");
        Assert.Matches(@"carla\s+\w+\s+example.org/me\s+modular-admin\s+<none>\s+Pending", await RunAsync("get", "csr"));
        Assert.Contains("approved", await RunAsync("certificate", "approve", "carla"), StringComparison.Ordinal);
        Assert.Matches(@"carla\s.*\sApproved", await RunAsync("get", "csr"));
        await RunAsync("delete", "csr", "carla");
    }

    private async Task<string> RunAsync(params string[] arguments) => arguments[0].Contains('{', StringComparison.Ordinal) || arguments[0].Contains('\n', StringComparison.Ordinal)
        ? (await Cluster.KubectlAsync(arguments[0], Cancellation, arguments[1..])).MustSucceed().Output
        : (await Cluster.KubectlAsync(Cancellation, arguments)).MustSucceed().Output;
}
