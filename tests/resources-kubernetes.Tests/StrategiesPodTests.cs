using System.Text.Json.Nodes;
using Modular.Plugins.ResourcesKubernetes.Strategies;

namespace Modular.Plugins.ResourcesKubernetes.Tests;

public sealed class StrategiesPodTests
{
    private static readonly PodStrategy Strategy = PodStrategy.Instance;

    [Theory]
    [InlineData("nginx", "Always")]
    [InlineData("nginx:latest", "Always")]
    [InlineData("nginx:1.2", "IfNotPresent")]
    [InlineData("registry:5000/nginx", "Always")]
    [InlineData("registry:5000/nginx:1.2", "IfNotPresent")]
    [InlineData("nginx@sha256:0123", "IfNotPresent")]
    [InlineData("nginx:latest@sha256:0123", "Always")]
    [InlineData("host", "Always")]
    public void An_image_whose_tag_moves_is_always_pulled(string image, string policy)
    {
        var pod = StrategiesFixture.Pod($$"""{"containers":[{"name":"a","image":"{{image}}"}]}""");
        Assert.Equal(policy, pod.GetArray("spec.containers")![0]!["imagePullPolicy"].AsString());
    }

    [Fact]
    public void Requests_are_the_limits_unless_said()
    {
        var pod = StrategiesFixture.Pod(
            """{"containers":[{"name":"a","image":"i","resources":{"limits":{"cpu":"2","memory":"1Gi"},"requests":{"cpu":"1"}}}]}""");
        var requests = ((JsonObject)pod.GetArray("spec.containers")![0]!).GetStringMap("resources.requests");
        Assert.Equal(("1", "1Gi"), (requests["cpu"], requests["memory"]));
    }

    [Fact]
    public void Defaults_change_nothing_the_second_time()
    {
        var pod = StrategiesFixture.Pod(
            """
            {"hostNetwork":true,"volumes":[{"name":"v"}],
             "containers":[{"name":"a","image":"i","ports":[{"containerPort":80}],"resources":{"limits":{"cpu":"2"}}}]}
            """);
        var again = (JsonObject)pod.DeepClone();
        Strategy.Default(again);
        Assert.True(JsonNode.DeepEquals(pod, again));
        Assert.Equal(80, pod.GetArray("spec.containers")![0]!["ports"]![0]!["hostPort"].AsInt64());
        Assert.NotNull(pod.GetArray("spec.volumes")![0]!["emptyDir"]);
    }

    [Theory]
    [InlineData("", "node.kubernetes.io/not-ready:300 node.kubernetes.io/unreachable:300")]
    [InlineData("""{"key":"node.kubernetes.io/unreachable","operator":"Exists","effect":"NoExecute","tolerationSeconds":5}""", "node.kubernetes.io/unreachable:5 node.kubernetes.io/not-ready:300")]
    [InlineData("""{"key":"node.kubernetes.io/unreachable","operator":"Exists","effect":"NoSchedule"}""", "node.kubernetes.io/unreachable: node.kubernetes.io/not-ready:300 node.kubernetes.io/unreachable:300")]
    [InlineData("""{"operator":"Exists"}""", ":")]
    public async Task A_new_pod_bears_for_a_while_that_its_node_does_not_answer(string own, string all)
    {
        var pod = StrategiesFixture.Pod($$"""{"containers":[{"name":"a","image":"i"}],"tolerations":[{{own}}]}""");
        await Strategy.PrepareForCreateAsync(StrategiesFixture.Context, pod, TestContext.Current.CancellationToken);
        Assert.Equal(all, string.Join(' ', pod.GetArray("spec.tolerations")!.Select(t => $"{t!["key"].AsString()}:{t["tolerationSeconds"].AsInt64()}")));
    }

    [Theory]
    [InlineData("{}", "BestEffort")]
    [InlineData("""{"requests":{"cpu":"1"}}""", "Burstable")]
    [InlineData("""{"limits":{"cpu":"1"}}""", "Burstable")]
    [InlineData("""{"limits":{"cpu":"1","memory":"1Gi"}}""", "Guaranteed")]
    [InlineData("""{"limits":{"cpu":"1","memory":"1Gi"},"requests":{"cpu":"1000m","memory":"1024Mi"}}""", "Guaranteed")]
    [InlineData("""{"limits":{"cpu":"1","memory":"1Gi"},"requests":{"memory":"1Mi"}}""", "Burstable")]
    public async Task A_new_pod_is_pending_and_has_a_class(string resources, string quality)
    {
        var pod = StrategiesFixture.Pod($$"""{"containers":[{"name":"a","image":"i","resources":{{resources}}}]}""");
        pod["status"] = new JsonObject { ["phase"] = "Running", ["podIP"] = "10.0.0.1" };
        await Strategy.PrepareForCreateAsync(StrategiesFixture.Context, pod, TestContext.Current.CancellationToken);
        Assert.True(JsonNode.DeepEquals(new JsonObject { ["phase"] = "Pending", ["qosClass"] = quality }, pod["status"]));
    }

    [Theory]
    [InlineData("""{"containers":[{"name":"a","image":"i"}]}""", "")]
    [InlineData("""{"containers":[]}""", "spec.containers: Required value")]
    [InlineData("""{"containers":[{"name":"a"}]}""", "spec.containers[0].image: Required value")]
    [InlineData("""{"containers":[{"name":"","image":"i"}]}""", "spec.containers[0].name: Required value")]
    [InlineData("""{"containers":[{"name":"a","image":"i"},{"name":"a","image":"i"}]}""", "spec.containers[1].name: Duplicate value: \"a\"")]
    [InlineData(
        """{"containers":[{"name":"a","image":"i"}],"initContainers":[{"name":"a","image":"i"}]}""",
        "spec.initContainers[0].name: Duplicate value: \"a\"")]
    [InlineData(
        """{"containers":[{"name":"a","image":"i","volumeMounts":[{"name":"x","mountPath":"/x"}]}]}""",
        "spec.containers[0].volumeMounts[0].name: Not found: \"x\"")]
    [InlineData(
        """{"volumes":[{"name":"x"}],"containers":[{"name":"a","image":"i","volumeMounts":[{"name":"x","mountPath":""}]}]}""",
        "spec.containers[0].volumeMounts[0].mountPath: Required value")]
    [InlineData(
        """
        {"volumes":[{"name":"x"}],
         "containers":[{"name":"a","image":"i","volumeMounts":[{"name":"x","mountPath":"/x"},{"name":"x","mountPath":"/x"}]}]}
        """,
        "spec.containers[0].volumeMounts[1].mountPath: Invalid value: \"/x\": must be unique")]
    [InlineData("""{"volumes":[{"name":"x"},{"name":"x"}],"containers":[{"name":"a","image":"i"}]}""", "spec.volumes[1].name: Duplicate value: \"x\"")]
    [InlineData(
        """{"volumes":[{"name":"x","emptyDir":{},"hostPath":{"path":"/"}}],"containers":[{"name":"a","image":"i"}]}""",
        "spec.volumes[0].hostPath: Forbidden: may not specify more than 1 volume type")]
    [InlineData(
        """{"containers":[{"name":"a","image":"i","ports":[{"containerPort":65536}]}]}""",
        "spec.containers[0].ports[0].containerPort: Invalid value: 65536: must be between 1 and 65535, inclusive")]
    [InlineData(
        """{"containers":[{"name":"a","image":"i","ports":[{"name":"p","containerPort":1},{"name":"p","containerPort":2}]}]}""",
        "spec.containers[0].ports[1].name: Duplicate value: \"p\"")]
    [InlineData(
        """{"containers":[{"name":"a","image":"i","ports":[{"containerPort":1,"hostPort":8},{"containerPort":2,"hostPort":8}]}]}""",
        "spec.containers[0].ports[1].hostPort: Duplicate value: \"TCP//8\"")]
    [InlineData(
        """{"containers":[{"name":"a","image":"i","ports":[{"containerPort":1,"hostPort":8},{"containerPort":2,"hostPort":8,"protocol":"UDP"}]}]}""",
        "")]
    [InlineData(
        """{"hostNetwork":true,"containers":[{"name":"a","image":"i","ports":[{"containerPort":1,"hostPort":8}]}]}""",
        "spec.containers[0].ports[0].containerPort: Invalid value: 1: must match `hostPort` when `hostNetwork` is true")]
    [InlineData("""{"containers":[{"name":"a","image":"i","livenessProbe":{}}]}""", "spec.containers[0].livenessProbe: Required value: must specify a handler type")]
    [InlineData(
        """{"containers":[{"name":"a","image":"i","readinessProbe":{"exec":{"command":["x"]},"tcpSocket":{"port":1}}}]}""",
        "spec.containers[0].readinessProbe.tcpSocket: Forbidden: may not specify more than 1 handler type")]
    [InlineData(
        """{"containers":[{"name":"a","image":"i","startupProbe":{"exec":{"command":["x"]},"successThreshold":2}}]}""",
        "spec.containers[0].startupProbe.successThreshold: Invalid value: 2: must be 1")]
    [InlineData("""{"containers":[{"name":"a","image":"i","env":[{"name":""}]}]}""", "spec.containers[0].env[0].name: Required value")]
    [InlineData(
        """{"containers":[{"name":"a","image":"i","resources":{"limits":{"cpu":"100m"},"requests":{"cpu":"1"}}}]}""",
        "spec.containers[0].resources.requests: Invalid value: \"1\": must be less than or equal to cpu limit of 100m")]
    [InlineData(
        """{"containers":[{"name":"a","image":"i","resources":{"requests":{"memory":"-1"}}}]}""",
        "spec.containers[0].resources.requests[memory]: Invalid value: \"-1\": must be greater than or equal to 0")]
    [InlineData(
        """{"containers":[{"name":"a","image":"i","resources":{"requests":{"lemons":"1"}}}]}""",
        "spec.containers[0].resources.requests: Invalid value: \"lemons\": must be a standard resource for containers")]
    [InlineData(
        """{"activeDeadlineSeconds":0,"containers":[{"name":"a","image":"i"}]}""",
        "spec.activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647, inclusive")]
    [InlineData(
        """{"tolerations":[{"key":"k","operator":"Exists","value":"v"}],"containers":[{"name":"a","image":"i"}]}""",
        "spec.tolerations[0].operator: Invalid value: \"v\": value must be empty when `operator` is 'Exists'")]
    [InlineData(
        """{"volumes":[{"name":"x","configMap":{"name":"c","items":[{"key":"k","path":"/etc/passwd"}]}}],"containers":[{"name":"a","image":"i"}]}""",
        "spec.volumes[0].configMap.items[0].path: Invalid value: \"/etc/passwd\": must be a relative path")]
    [InlineData(
        """{"volumes":[{"name":"x","secret":{"secretName":"s","items":[{"key":"k","path":"a/../../b"}]}}],"containers":[{"name":"a","image":"i"}]}""",
        "spec.volumes[0].secret.items[0].path: Invalid value: \"a/../../b\": must not contain '..'")]
    [InlineData(
        """{"volumes":[{"name":"x","secret":{"secretName":"s","items":[{"key":"k","path":"..data"}]}}],"containers":[{"name":"a","image":"i"}]}""",
        "spec.volumes[0].secret.items[0].path: Invalid value: \"..data\": must not start with '..'")]
    [InlineData(
        """{"volumes":[{"name":"x","configMap":{"name":"c","items":[{"key":"k","path":""}]}}],"containers":[{"name":"a","image":"i"}]}""",
        "spec.volumes[0].configMap.items[0].path: Required value")]
    [InlineData(
        """{"volumes":[{"name":"x","configMap":{"name":"c","items":[{"key":"k","path":"p","mode":512}]}}],"containers":[{"name":"a","image":"i"}]}""",
        "spec.volumes[0].configMap.items[0].mode: Invalid value: 512: must be a number between 0 and 0777 (octal), both inclusive")]
    [InlineData(
        """{"volumes":[{"name":"x","secret":{"secretName":"s","defaultMode":-1}}],"containers":[{"name":"a","image":"i"}]}""",
        "spec.volumes[0].secret.defaultMode: Invalid value: -1: must be a number between 0 and 0777 (octal), both inclusive")]
    [InlineData(
        """{"volumes":[{"name":"x","projected":{"sources":[{"configMap":{"name":"c","items":[{"key":"k","path":"/p"}]}}]}}],"containers":[{"name":"a","image":"i"}]}""",
        "spec.volumes[0].projected.sources[0].configMap.items[0].path: Invalid value: \"/p\": must be a relative path")]
    [InlineData(
        """{"volumes":[{"name":"x","hostPath":{"path":"/a/../b"}}],"containers":[{"name":"a","image":"i"}]}""",
        "spec.volumes[0].hostPath.path: Invalid value: \"/a/../b\": must not contain '..'")]
    [InlineData(
        """{"volumes":[{"name":"x"}],"containers":[{"name":"a","image":"i","volumeMounts":[{"name":"x","mountPath":"/x","subPathExpr":"/$(N)"}]}]}""",
        "spec.containers[0].volumeMounts[0].subPathExpr: Invalid value: \"/$(N)\": must be a relative path")]
    public void A_pod_is_told_what_is_wrong_with_it(string spec, string error) =>
        StrategiesFixture.Expect(error, StrategiesFixture.Errors(Strategy, StrategiesFixture.Pod(spec)));

    [Theory]
    [InlineData("""{"containers":[{"name":"a","image":"j:2"}]}""", "")]
    [InlineData("""{"activeDeadlineSeconds":5,"containers":[{"name":"a","image":"i:1"}]}""", "")]
    [InlineData("""{"hostNetwork":false,"subdomain":"","volumes":[],"containers":[{"name":"a","image":"i:1","stdin":false,"workingDir":"","env":[]}]}""", "")]
    [InlineData("""{"tolerations":[{"key":"k","operator":"Exists"}],"containers":[{"name":"a","image":"i:1"}]}""", "")]
    [InlineData("""{"nodeName":"n","containers":[{"name":"a","image":"i:1"}]}""", "spec: Forbidden: pod updates may not change fields other than ")]
    [InlineData(
        """{"containers":[{"name":"a","image":"i:1","command":["x"]}]}""", "spec: Forbidden: pod updates may not change fields other than ")]
    [InlineData(
        """{"containers":[{"name":"a","image":"i:1"},{"name":"b","image":"i:1"}]}""",
        "spec.containers: Forbidden: pod updates may not add or remove containers")]
    [InlineData(
        """{"schedulingGates":[{"name":"g"}],"containers":[{"name":"a","image":"i:1"}]}""",
        "spec.schedulingGates: Forbidden: only deletion is allowed, but found new scheduling gate 'g'")]
    public void Little_of_a_pod_may_change(string spec, string error)
    {
        var old = StrategiesFixture.Pod("""{"containers":[{"name":"a","image":"i:1"}]}""");
        var errors = StrategiesFixture.Errors(Strategy, StrategiesFixture.Pod(spec), old);
        if (error.Length == 0)
        {
            Assert.Empty(errors);
        }
        else
        {
            Assert.StartsWith(error, Assert.Single(errors), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(10, "", "must not update from a positive integer to nil value")]
    [InlineData(10, "\"activeDeadlineSeconds\":11,", "must be less than or equal to previous value")]
    [InlineData(10, "\"activeDeadlineSeconds\":9,", "")]
    public void A_deadline_only_comes_nearer(int before, string after, string error)
    {
        const string Rest = """ "containers":[{"name":"a","image":"i:1"}]}""";
        var old = StrategiesFixture.Pod($"{{\"activeDeadlineSeconds\":{before},{Rest}");
        var errors = StrategiesFixture.Errors(Strategy, StrategiesFixture.Pod("{" + after + Rest), old);
        Assert.Equal(error.Length == 0 ? 0 : 1, errors.Count);
        Assert.All(errors, e => Assert.EndsWith(error, e, StringComparison.Ordinal));
    }

    [Fact]
    public void A_toleration_stays()
    {
        const string Rest = """ "containers":[{"name":"a","image":"i:1"}]}""";
        var old = StrategiesFixture.Pod("""{"tolerations":[{"key":"k","operator":"Exists"}],""" + Rest);
        StrategiesFixture.Expect(
            "spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds",
            StrategiesFixture.Errors(Strategy, StrategiesFixture.Pod("{" + Rest), old));
    }

    [Theory]
    [InlineData("""{"spec":{}}""", null, 0L)]
    [InlineData("""{"spec":{"nodeName":"n"}}""", null, 30L)]
    [InlineData("""{"spec":{"nodeName":"n","terminationGracePeriodSeconds":5}}""", null, 5L)]
    [InlineData("""{"spec":{"nodeName":"n","terminationGracePeriodSeconds":5}}""", 9L, 9L)]
    [InlineData("""{"spec":{"nodeName":"n","terminationGracePeriodSeconds":5}}""", 0L, 0L)]
    [InlineData("""{"spec":{"nodeName":"n","terminationGracePeriodSeconds":-3}}""", null, 1L)]
    [InlineData("""{"spec":{"nodeName":"n"},"status":{"phase":"Succeeded"}}""", 9L, 0L)]
    [InlineData("""{"spec":{"nodeName":"n"},"status":{"phase":"Failed"}}""", null, 0L)]
    public void A_pod_that_runs_is_given_time_to_end(string pod, long? asked, long grace) =>
        Assert.Equal(grace, Strategy.GracePeriodSeconds(StrategiesFixture.Context, StrategiesFixture.Read(pod), asked));
}
