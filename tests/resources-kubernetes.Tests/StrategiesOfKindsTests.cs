using System.Text.Json.Nodes;

namespace Modular.Plugins.ResourcesKubernetes.Tests;

/// <summary>What the rules of kinds have against objects: their strategies on create, and these and their schemas on update.</summary>
public sealed class StrategiesOfKindsTests
{
    private const string Selected =
        "\"selector\":{\"matchLabels\":{\"a\":\"b\"}},\"template\":{\"metadata\":{\"labels\":{\"a\":\"b\"}},\"spec\":{\"containers\":[{\"name\":\"a\",\"image\":\"i\"}]}}";

    private const string Job =
        "\"template\":{\"metadata\":{\"labels\":{\"a\":\"b\"}},\"spec\":{\"restartPolicy\":\"Never\",\"containers\":[{\"name\":\"a\",\"image\":\"i\"}]}}";

    [Fact]
    public async Task A_job_has_the_labels_of_its_pods_from_the_start()
    {
        var job = StrategiesFixture.Read($$$$$"""{"metadata":{"name":"a","uid":"u"},"spec":{"template":{"spec":{"containers":[]}}}}""");
        Strategies.JobStrategy.Instance.Default(job);
        await Strategies.JobStrategy.Instance.PrepareForCreateAsync(StrategiesFixture.Context, job, TestContext.Current.CancellationToken);
        var created = job.ToJsonString();

        Strategies.JobStrategy.Instance.Default(job);

        Assert.Equal("a", job.GetObject("metadata.labels")?["job-name"].AsString());
        Assert.Equal(created, job.ToJsonString());
    }

    [Theory]
    [InlineData("StorageClass", """{"provisioner":"p","reclaimPolicy":"Delete","parameters":{}}""", """{"provisioner":"p","reclaimPolicy":"Delete"}""")]
    [InlineData("VolumeAttributesClass", """{"driverName":"p","parameters":{}}""", """{"driverName":"p"}""")]
    public void No_parameters_are_no_parameters_however_they_are_said(string kind, string before, string after)
    {
        IResourceStrategy strategy = kind == "StorageClass" ? Strategies.StorageClassStrategy.Instance : Strategies.VolumeAttributesClassStrategy.Instance;

        Assert.Empty(StrategiesFixture.Errors(strategy, StrategiesFixture.Read(after), StrategiesFixture.Read(before)));
    }

    public static TheoryData<string, string, string, string> Wrong => new()
    {
        { "apps/v1", "Deployment", $$$$$$"""{"spec":{ {{{{{{Selected}}}}}} }}""", "" },
        { "apps/v1", "Deployment", $$$$$$"""{"spec":{ {{{{{{Selected}}}}}},"replicas":-1}}""", "spec.replicas: Invalid value: -1: must be greater than or equal to 0" },
        { "apps/v1", "Deployment", """{"spec":{"selector":{},"template":{"spec":{"containers":[{"name":"a","image":"i"}]}}}}""", "spec.selector: Invalid value: {}: empty selector is invalid for deployment" },
        {
            "apps/v1", "Deployment", """{"spec":{"selector":{"matchLabels":{"a":"c"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"a","image":"i"}]}}}}""",
            "spec.template.metadata.labels: Invalid value: {\"a\":\"b\"}: `selector` does not match template `labels`"
        },
        {
            "apps/v1", "Deployment", $$$$$$"""{"spec":{ {{{{{{Selected}}}}}},"strategy":{"type":"Recreate","rollingUpdate":{}}}}""",
            "spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'"
        },
        {
            "apps/v1", "Deployment", $$$$$$"""{"spec":{ {{{{{{Selected}}}}}},"strategy":{"rollingUpdate":{"maxSurge":0,"maxUnavailable":"0%"}}}}""",
            "spec.strategy.rollingUpdate.maxUnavailable: Invalid value: \"0%\": may not be 0 when `maxSurge` is 0"
        },
        {
            "apps/v1", "Deployment", $$$$$$"""{"spec":{ {{{{{{Selected}}}}}},"strategy":{"rollingUpdate":{"maxUnavailable":"101%"}}}}""",
            "spec.strategy.rollingUpdate.maxUnavailable: Invalid value: \"101%\": must not be greater than 100%"
        },
        { "apps/v1", "Deployment", $$$$$$"""{"spec":{ {{{{{{Selected}}}}}},"minReadySeconds":700}}""", "spec.progressDeadlineSeconds: Invalid value: 600: must be greater than minReadySeconds" },
        { "apps/v1", "ReplicaSet", $$$$$$"""{"spec":{ {{{{{{Selected}}}}}} }}""", "" },
        {
            "apps/v1", "DaemonSet", $$$$$$"""{"spec":{ {{{{{{Selected}}}}}},"updateStrategy":{"rollingUpdate":{"maxSurge":1}}}}""",
            "spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: 1: may not be set when maxUnavailable is non-zero"
        },
        { "apps/v1", "StatefulSet", $$$$$$"""{"spec":{ {{{{{{Selected}}}}}},"serviceName":"db"}}""", "" },
        { "apps/v1", "ControllerRevision", """{"revision":1}""", "data: Required value: data is mandatory" },
        { "batch/v1", "Job", $$$$$$"""{"spec":{ {{{{{{Job}}}}}},"selector":{"matchLabels":{"a":"b"}}}}""", "" },
        {
            "batch/v1", "Job", """{"spec":{"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"a","image":"i"}]}}}}""",
            "spec.template.spec.restartPolicy: Unsupported value: \"Always\": supported values: \"Never\", \"OnFailure\""
        },
        { "batch/v1", "Job", $$$$$$"""{"spec":{ {{{{{{Job}}}}}},"manualSelector":true}}""", "spec.selector: Required value" },
        { "batch/v1", "CronJob", $$$$$$"""{"spec":{"schedule":"*/5 * * * *","timeZone":"Europe/Paris","jobTemplate":{"spec":{ {{{{{{Job}}}}}} }}}}""", "" },
        { "batch/v1", "CronJob", $$$$$$"""{"spec":{"schedule":"* * *","jobTemplate":{"spec":{ {{{{{{Job}}}}}} }}}}""", "spec.schedule: Invalid value: \"* * *\": expected exactly 5 fields, found 3: [* * *]" },
        { "batch/v1", "CronJob", $$$$$$"""{"spec":{"schedule":"61 * * * *","jobTemplate":{"spec":{ {{{{{{Job}}}}}} }}}}""", "spec.schedule: Invalid value: \"61 * * * *\": end of range (61) above maximum (59): 61" },
        { "batch/v1", "CronJob", $$$$$$"""{"spec":{"schedule":"@daily","timeZone":"Mars/Base","jobTemplate":{"spec":{ {{{{{{Job}}}}}} }}}}""", "spec.timeZone: Invalid value: \"Mars/Base\": unknown time zone Mars/Base" },
        { "policy/v1", "PodDisruptionBudget", """{"spec":{"minAvailable":"50%"}}""", "" },
        {
            "policy/v1", "PodDisruptionBudget", """{"spec":{"minAvailable":1,"maxUnavailable":1}}""",
            "spec: Invalid value: {\"minAvailable\":1,\"maxUnavailable\":1}: minAvailable and maxUnavailable cannot be both set"
        },
        {
            "policy/v1", "PodDisruptionBudget", """{"spec":{"minAvailable":"half"}}""",
            "spec.minAvailable: Invalid value: \"half\": a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')"
        },
        {
            "autoscaling/v2", "HorizontalPodAutoscaler", """{"spec":{"minReplicas":5,"maxReplicas":3,"scaleTargetRef":{"kind":"Deployment","name":"web"}}}""",
            "spec.maxReplicas: Invalid value: 3: must be greater than or equal to `minReplicas`"
        },
        { "networking.k8s.io/v1", "Ingress", """{"spec":{}}""", "spec: Invalid value: {}: either `defaultBackend` or `rules` must be specified" },
        {
            "networking.k8s.io/v1", "Ingress", """{"spec":{"rules":[{"host":"a.b","http":{"paths":[{"path":"web","pathType":"Prefix","backend":{"service":{"name":"web","port":{"number":80}}}}]}}]}}""",
            "spec.rules[0].http.paths[0].path: Invalid value: \"web\": must be an absolute path"
        },
        { "networking.k8s.io/v1", "Ingress", """{"spec":{"defaultBackend":{"service":{"name":"web","port":{}}}}}""", "spec.defaultBackend.service.port: Required value: port name or number is required" },
        {
            "networking.k8s.io/v1", "IngressClass", """{"spec":{"controller":"front"}}""",
            "spec.controller: Invalid value: \"front\": must be a domain-prefixed path (such as \"acme.io/foo\")"
        },
        { "networking.k8s.io/v1", "NetworkPolicy", """{"spec":{"ingress":[{"from":[{}]}]}}""", "spec.ingress[0].from[0]: Required value: must specify a peer" },
        {
            "networking.k8s.io/v1", "NetworkPolicy", """{"spec":{"ingress":[{"from":[{"ipBlock":{"cidr":"10.0.0.0/40"}}]}]}}""",
            "spec.ingress[0].from[0].ipBlock.cidr: Invalid value: \"10.0.0.0/40\": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"
        },
        { "networking.k8s.io/v1", "ServiceCIDR", """{"spec":{"cidrs":[]}}""", "spec.cidrs: Required value: at least one CIDR required" },
        { "v1", "PersistentVolume", """{"spec":{"capacity":{"storage":"1Gi"},"accessModes":["ReadWriteOnce"],"hostPath":{"path":"/d"}}}""", "" },
        { "v1", "PersistentVolume", """{"spec":{"capacity":{"storage":"1Gi"},"accessModes":["ReadWriteOnce"]}}""", "spec: Required value: must specify a volume type" },
        { "v1", "PersistentVolumeClaim", """{"spec":{"resources":{"requests":{"storage":"1Gi"}}}}""", "spec.accessModes: Required value: at least 1 access mode is required" },
        { "scheduling.k8s.io/v1", "PriorityClass", """{"metadata":{"name":"high"},"value":2000000000}""", "value: Forbidden: maximum allowed value of a user defined priority is 1000000000" },
        {
            "scheduling.k8s.io/v1", "PriorityClass", """{"metadata":{"name":"system-mine"},"value":1}""",
            "metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for system use only. error: system-mine is not a known system priority class"
        },
        {
            "v1", "LimitRange", """{"spec":{"limits":[{"type":"Pod","max":{"cpu":"1"},"min":{"cpu":"2"}}]}}""",
            "spec.limits[0].min[cpu]: Invalid value: \"2\": min value 2 is greater than max value 1"
        },
        { "v1", "ResourceQuota", """{"spec":{"hard":{"pods":"-1"}}}""", "spec.hard[pods]: Invalid value: \"-1\": must be greater than or equal to 0" },
        { "resource.k8s.io/v1", "ResourceClaim", """{"spec":{"devices":{"requests":[{"name":"gpu"}]}}}""", "spec.devices.requests[0]: Required value: exactly one of `exactly` or `firstAvailable` is required" },
    };

    public static TheoryData<string, string, string, string, string> Changed => new()
    {
        { "apps/v1", "Deployment", $$$$$$"""{"spec":{ {{{{{{Selected}}}}}} }}""", """{"spec":{"replicas":5}}""", "" },
        {
            "apps/v1", "Deployment", $$$$$$"""{"spec":{ {{{{{{Selected}}}}}} }}""", """{"spec":{"selector":{"matchLabels":{"a":"b","c":"d"}},"template":{"metadata":{"labels":{"c":"d"}}}}}""",
            "spec.selector: Invalid value: {\"matchLabels\":{\"a\":\"b\",\"c\":\"d\"}}: field is immutable"
        },
        {
            "apps/v1", "StatefulSet", $$$$$$"""{"spec":{ {{{{{{Selected}}}}}},"serviceName":"db"}}""", """{"spec":{"serviceName":"other"}}""",
            "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden"
        },
        { "batch/v1", "Job", $$$$$$"""{"spec":{ {{{{{{Job}}}}}},"selector":{"matchLabels":{"a":"b"}}}}""", """{"spec":{"parallelism":3}}""", "" },
        { "batch/v1", "Job", $$$$$$"""{"spec":{ {{{{{{Job}}}}}},"selector":{"matchLabels":{"a":"b"}}}}""", """{"spec":{"completions":3}}""", "spec.completions: Invalid value: 3: field is immutable" },
        { "scheduling.k8s.io/v1", "PriorityClass", """{"metadata":{"name":"high"},"value":5}""", """{"description":"x"}""", "" },
        { "scheduling.k8s.io/v1", "PriorityClass", """{"metadata":{"name":"high"},"value":5}""", """{"value":6}""", "value: Forbidden: may not be changed in an update." },
        { "storage.k8s.io/v1", "StorageClass", """{"provisioner":"x/y"}""", """{"allowVolumeExpansion":true}""", "" },
        { "storage.k8s.io/v1", "StorageClass", """{"provisioner":"x/y"}""", """{"provisioner":"z/y"}""", "provisioner: Forbidden: updates to provisioner are forbidden." },
        { "v1", "PersistentVolumeClaim", """{"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}}}}""", """{"spec":{"resources":{"requests":{"storage":"2Gi"}},"volumeName":"pv"}}""", "" },
        {
            "v1", "PersistentVolumeClaim", """{"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}}}}""", """{"spec":{"accessModes":["ReadOnlyMany"]}}""",
            "spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims"
        },
        { "node.k8s.io/v1", "RuntimeClass", """{"handler":"a"}""", """{"handler":"b"}""", "handler: Invalid value: \"b\": field is immutable" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task What_is_wrong_with_a_new_object_is_said(string apiVersion, string kind, string manifest, string error)
    {
        var (obj, resource) = await DecodeAsync(apiVersion, kind, StrategiesFixture.Read(manifest));
        StrategiesFixture.Expect(error, StrategiesFixture.Errors(resource.Strategy, obj));
    }

    [Theory]
    [MemberData(nameof(Changed))]
    public async Task What_may_not_change_is_said(string apiVersion, string kind, string manifest, string change, string error)
    {
        var (old, resource) = await DecodeAsync(apiVersion, kind, StrategiesFixture.Read(manifest));
        var (obj, _) = await DecodeAsync(apiVersion, kind, MergePatch.Apply(old.DeepClone(), JsonNode.Parse(change)!)!.AsObject());
        var bySchema = new FieldErrors();
        SchemaValidator.Validate(obj, old, resource.Schema, bySchema);
        StrategiesFixture.Expect(error, [.. StrategiesFixture.Errors(resource.Strategy, obj, old), .. bySchema.Causes.Select(cause => $"{cause.Field}: {cause.Message}")]);
    }

    [Fact]
    public async Task A_job_knows_its_pods_by_its_own_uid()
    {
        var (job, resource) = await DecodeAsync("batch/v1", "Job", StrategiesFixture.Read($$$$$$"""{"metadata":{"name":"once","uid":"u-1"},"spec":{ {{{{{{Job}}}}}} }}"""));
        await resource.Strategy.PrepareForCreateAsync(StrategiesFixture.Context, job, TestContext.Current.CancellationToken);
        Assert.Equal("u-1", job["spec"]!["selector"]!["matchLabels"]!["batch.kubernetes.io/controller-uid"].AsString());
        var labels = job["spec"]!["template"]!["metadata"]!["labels"]!;
        Assert.Equal(("u-1", "once", "b"), (labels["controller-uid"].AsString(), labels["batch.kubernetes.io/job-name"].AsString(), labels["a"].AsString()));
        Assert.Empty(StrategiesFixture.Errors(resource.Strategy, job));
    }

    [Fact]
    public async Task A_request_for_a_certificate_is_by_whoever_is_known_and_only_approval_approves()
    {
        var request = Convert.ToBase64String("-----BEGIN CERTIFICATE REQUEST-----\nAA==\n-----END CERTIFICATE REQUEST-----\n"u8);
        var (csr, resource) = await DecodeAsync("certificates.k8s.io/v1", "CertificateSigningRequest", StrategiesFixture.Read(
            $$$$$$"""{"spec":{"request":"{{{{{{request}}}}}}","signerName":"a.b/c","usages":["client auth"],"username":"somebody else"}}"""));
        await resource.Strategy.PrepareForCreateAsync(StrategiesFixture.Context, csr, TestContext.Current.CancellationToken);
        Assert.Equal("tester", csr["spec"]!["username"].AsString());
        Assert.Empty(StrategiesFixture.Errors(resource.Strategy, csr));

        var approved = csr.DeepClone().AsObject();
        approved["status"] = JsonNode.Parse("""{"conditions":[{"type":"Approved","status":"True"},{"type":"Failed","status":"True"}]}""");
        var byStatus = approved.DeepClone().AsObject();
        await resource.Strategy.PrepareForUpdateAsync(StrategiesFixture.Context with { Subresource = "status" }, byStatus, csr, TestContext.Current.CancellationToken);
        Assert.Equal("Failed", Assert.Single(byStatus["status"]!["conditions"]!.AsArray())!["type"].AsString());
        await resource.Strategy.PrepareForUpdateAsync(StrategiesFixture.Context with { Subresource = "approval" }, approved, csr, TestContext.Current.CancellationToken);
        Assert.Equal(2, approved["status"]!["conditions"]!.AsArray().Count);
    }

    [Theory]
    [InlineData("0 0 1 jan sun", "")]
    [InlineData("0-10/2,30 9-17 ? * mon-fri", "")]
    [InlineData("@every 1h30m", "")]
    [InlineData("@every soon", "unrecognized descriptor: @every soon")]
    [InlineData("TZ=UTC * * * * *", "cannot use TZ or CRON_TZ in schedule, use timeZone field instead")]
    [InlineData("5-1 * * * *", "beginning of range (5) beyond end of range (1): 5-1")]
    [InlineData("*/0 * * * *", "step of range should be a positive number: */0")]
    [InlineData("1-2-3 * * * *", "too many hyphens: 1-2-3")]
    [InlineData("* * 0 * *", "beginning of range (0) below minimum (1): 0")]
    [InlineData("x * * * *", "failed to parse int from x")]
    public void A_schedule_is_what_cron_reads(string schedule, string problem) => Assert.Equal(problem, Strategies.CronSchedule.Problem(schedule) ?? "");

    private static async Task<(JsonObject Object, ResourceDefinition Resource)> DecodeAsync(string apiVersion, string kind, JsonObject manifest)
    {
        manifest["apiVersion"] = apiVersion;
        manifest["kind"] = kind;
        return (await TableFixture.DecodeAsync(manifest.ToJsonString()), await TableFixture.ResourceAsync(apiVersion, kind));
    }
}
