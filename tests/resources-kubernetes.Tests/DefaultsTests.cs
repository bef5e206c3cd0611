using System.Text.Json.Nodes;

namespace Modular.Plugins.ResourcesKubernetes.Tests;

/// <summary>What Kubernetes adds to a manifest that says the least.</summary>
public sealed class DefaultsTests
{
    private const string Pod = """
        "restartPolicy":"Always","dnsPolicy":"ClusterFirst","schedulerName":"default-scheduler","terminationGracePeriodSeconds":30,
        "securityContext":{},"enableServiceLinks":true
        """;

    private const string Container = """
        "resources":{},"terminationMessagePath":"/dev/termination-log","terminationMessagePolicy":"File"
        """;

    private const string Probe = """
        "timeoutSeconds":1,"periodSeconds":10,"successThreshold":1,"failureThreshold":3
        """;

    public static TheoryData<string, string, string, string> Cases => new()
    {
        {
            // Zeros of Go's plain fields are as good as absent.
            "v1", "Pod",
            """
            {"spec":{"restartPolicy":"","dnsPolicy":"","schedulerName":"","containers":[{"name":"a","image":"web:1","imagePullPolicy":"","terminationMessagePath":"",
            "terminationMessagePolicy":"","ports":[{"containerPort":80,"protocol":""}],"livenessProbe":{"tcpSocket":{"port":80},"timeoutSeconds":0,"periodSeconds":0}}]}}
            """,
            $$$$"""
            {"metadata":{},"status":{},"spec":{ {{{{Pod}}}},"containers":[{"name":"a","image":"web:1","imagePullPolicy":"IfNotPresent",
            "ports":[{"containerPort":80,"protocol":"TCP"}],"livenessProbe":{"tcpSocket":{"port":80},{{{{Probe}}}}},{{{{Container}}}}}]}}
            """
        },
        {
            // What is a pointer there can be empty.
            "v1", "PersistentVolumeClaim", """{"spec":{"storageClassName":"","volumeMode":""}}""",
            """{"metadata":{},"spec":{"storageClassName":"","volumeMode":"","resources":{}},"status":{}}"""
        },
        {
            "v1", "Pod",
            """{"spec":{"containers":[{"name":"a","image":"web:1","ports":[{"containerPort":80}]}]}}""",
            $$$$"""
            {"metadata":{},"status":{},"spec":{ {{{{Pod}}}},"containers":[{"name":"a","image":"web:1","imagePullPolicy":"IfNotPresent",
            "ports":[{"containerPort":80,"protocol":"TCP"}],{{{{Container}}}}}]}}
            """
        },
        {
            "v1", "Pod",
            """{"spec":{"hostNetwork":true,"initContainers":[{"name":"a","image":"web","ports":[{"containerPort":80}]}],"containers":[]}}""",
            $$$$"""
            {"metadata":{},"status":{},"spec":{ {{{{Pod}}}},"hostNetwork":true,"containers":[],"initContainers":[{"name":"a","image":"web",
            "imagePullPolicy":"Always","ports":[{"containerPort":80,"hostPort":80,"protocol":"TCP"}],{{{{Container}}}}}]}}
            """
        },
        {
            "v1", "Pod",
            """
            {"spec":{"containers":[{"name":"a","image":"web:1","livenessProbe":{"httpGet":{"port":"http"}},"readinessProbe":{"grpc":{"port":1}},
            "env":[{"name":"IP","valueFrom":{"fieldRef":{"fieldPath":"status.podIP"} }}]}]}}
            """,
            $$$$"""
            {"metadata":{},"status":{},"spec":{ {{{{Pod}}}},"containers":[{"name":"a","image":"web:1","imagePullPolicy":"IfNotPresent",{{{{Container}}}},
            "livenessProbe":{"httpGet":{"port":"http","path":"/","scheme":"HTTP"},{{{{Probe}}}}},
            "readinessProbe":{"grpc":{"port":1,"service":""},{{{{Probe}}}}},
            "env":[{"name":"IP","valueFrom":{"fieldRef":{"fieldPath":"status.podIP","apiVersion":"v1"} }}]}]}}
            """
        },
        {
            "v1", "Pod",
            """
            {"spec":{"containers":[],"volumes":[{"name":"a"},{"name":"b","hostPath":{"path":"/b"}},{"name":"c","configMap":{"name":"c"}},
            {"name":"d","projected":{"sources":[{"serviceAccountToken":{"path":"t"} }]}}]}}
            """,
            $$$$"""
            {"metadata":{},"status":{},"spec":{ {{{{Pod}}}},"containers":[],"volumes":[{"name":"a","emptyDir":{}},
            {"name":"b","hostPath":{"path":"/b","type":""}},{"name":"c","configMap":{"name":"c","defaultMode":420}},
            {"name":"d","projected":{"defaultMode":420,"sources":[{"serviceAccountToken":{"path":"t","expirationSeconds":3600} }]}}]}}
            """
        },
        {
            "v1", "ReplicationController",
            """{"spec":{"template":{"metadata":{"labels":{"app":"web"}},"spec":{"containers":[]}}}}""",
            $$$$"""
            {"metadata":{"labels":{"app":"web"}},"status":{"replicas":0},"spec":{"replicas":1,"selector":{"app":"web"},
            "template":{"metadata":{"labels":{"app":"web"}},"spec":{ {{{{Pod}}}},"containers":[]} }}}
            """
        },
        {
            "v1", "Service",
            """{"spec":{"ports":[{"port":80},{"port":53,"protocol":"UDP","targetPort":"dns"}]}}""",
            """
            {"metadata":{},"status":{"loadBalancer":{}},"spec":{"type":"ClusterIP","sessionAffinity":"None","internalTrafficPolicy":"Cluster",
            "ports":[{"port":80,"protocol":"TCP","targetPort":80},{"port":53,"protocol":"UDP","targetPort":"dns"}]}}
            """
        },
        {
            "v1", "Service",
            """{"spec":{"type":"ExternalName","externalName":"example.org"}}""",
            """
            {"metadata":{},"status":{"loadBalancer":{}},"spec":{"type":"ExternalName","externalName":"example.org","sessionAffinity":"None"}}
            """
        },
        {
            "v1", "Service",
            """{"spec":{"type":"NodePort","sessionAffinity":"ClientIP"}}""",
            """
            {"metadata":{},"status":{"loadBalancer":{}},"spec":{"type":"NodePort","sessionAffinity":"ClientIP","internalTrafficPolicy":"Cluster",
            "externalTrafficPolicy":"Cluster","sessionAffinityConfig":{"clientIP":{"timeoutSeconds":10800} }}}
            """
        },
        {
            "v1", "Endpoints",
            """{"subsets":[{"addresses":[{"ip":"10.0.0.1"}],"ports":[{"port":80}]}]}""",
            """{"metadata":{},"subsets":[{"addresses":[{"ip":"10.0.0.1"}],"ports":[{"port":80,"protocol":"TCP"}]}]}"""
        },
        {
            "v1", "Node",
            """{"status":{"capacity":{"cpu":"4"},"nodeInfo":{"kubeletVersion":"v1"}}}""",
            """
            {"metadata":{},"spec":{},"status":{"capacity":{"cpu":"4"},"allocatable":{"cpu":"4"},
            "daemonEndpoints":{"kubeletEndpoint":{"Port":0} },"nodeInfo":{"kubeletVersion":"v1","architecture":"","bootID":"",
            "containerRuntimeVersion":"","kernelVersion":"","kubeProxyVersion":"","machineID":"","operatingSystem":"","osImage":"","systemUUID":""} }}
            """
        },
        {
            "v1", "Event",
            """{"involvedObject":{"kind":"Pod"}}""",
            """{"metadata":{},"involvedObject":{"kind":"Pod"},"source":{},"reportingComponent":"","reportingInstance":""}"""
        },
        { "v1", "Secret", """{"stringData":{"a":"b"}}""", """{"metadata":{},"type":"Opaque","data":{"a":"Yg=="}}""" },
        { "v1", "ConfigMap", """{"data":{"a":"b"}}""", """{"metadata":{},"data":{"a":"b"}}""" },
        {
            "discovery.k8s.io/v1", "EndpointSlice",
            """{"addressType":"IPv4","endpoints":[{"addresses":["10.0.0.1"]}],"ports":[{"port":80}]}""",
            """
            {"metadata":{},"addressType":"IPv4","endpoints":[{"addresses":["10.0.0.1"],"conditions":{}}],
            "ports":[{"port":80,"name":"","protocol":"TCP"}]}
            """
        },
        {
            "apps/v1", "Deployment",
            """{"spec":{"selector":{"matchLabels":{"app":"web"}},"template":{"metadata":{"labels":{"app":"web"}},"spec":{"containers":[{"name":"a","image":"web:1"}]}}}}""",
            $$$$"""
            {"metadata":{},"status":{},"spec":{"replicas":1,"revisionHistoryLimit":10,"progressDeadlineSeconds":600,
            "strategy":{"type":"RollingUpdate","rollingUpdate":{"maxUnavailable":"25%","maxSurge":"25%"}},"selector":{"matchLabels":{"app":"web"}},
            "template":{"metadata":{"labels":{"app":"web"}},"spec":{ {{{{Pod}}}},"containers":[{"name":"a","image":"web:1","imagePullPolicy":"IfNotPresent",{{{{Container}}}}}]} }}}
            """
        },
        {
            "apps/v1", "DaemonSet",
            """{"spec":{"selector":{"matchLabels":{"app":"log"}},"template":{"metadata":{"labels":{"app":"log"}},"spec":{"containers":[]}}}}""",
            $$$$"""
            {"metadata":{},"status":{"currentNumberScheduled":0,"numberMisscheduled":0,"desiredNumberScheduled":0,"numberReady":0},
            "spec":{"revisionHistoryLimit":10,"updateStrategy":{"type":"RollingUpdate","rollingUpdate":{"maxUnavailable":1,"maxSurge":0}},
            "selector":{"matchLabels":{"app":"log"}},"template":{"metadata":{"labels":{"app":"log"}},"spec":{ {{{{Pod}}}},"containers":[]} }}}
            """
        },
        {
            "apps/v1", "StatefulSet",
            """
            {"spec":{"serviceName":"db","selector":{"matchLabels":{"app":"db"}},"template":{"metadata":{"labels":{"app":"db"}},"spec":{"containers":[]}},
            "volumeClaimTemplates":[{"metadata":{"name":"data"},"spec":{"accessModes":["ReadWriteOnce"]}}]}}
            """,
            $$$$"""
            {"metadata":{},"status":{"replicas":0},"spec":{"replicas":1,"serviceName":"db","revisionHistoryLimit":10,"podManagementPolicy":"OrderedReady",
            "updateStrategy":{"type":"RollingUpdate","rollingUpdate":{"partition":0}},"persistentVolumeClaimRetentionPolicy":{"whenDeleted":"Retain","whenScaled":"Retain"},
            "selector":{"matchLabels":{"app":"db"}},"template":{"metadata":{"labels":{"app":"db"}},"spec":{ {{{{Pod}}}},"containers":[]} },
            "volumeClaimTemplates":[{"apiVersion":"v1","kind":"PersistentVolumeClaim","metadata":{"name":"data"},
            "spec":{"accessModes":["ReadWriteOnce"],"resources":{},"volumeMode":"Filesystem"},"status":{"phase":"Pending"}}]}}
            """
        },
        {
            "batch/v1", "Job",
            """{"spec":{"template":{"metadata":{"labels":{"app":"once"}},"spec":{"containers":[],"restartPolicy":"Never"}}}}""",
            """
            {"metadata":{"labels":{"app":"once"}},"status":{},"spec":{"completions":1,"parallelism":1,"backoffLimit":6,"completionMode":"NonIndexed","suspend":false,
            "podReplacementPolicy":"TerminatingOrFailed","template":{"metadata":{"labels":{"app":"once"}},"spec":{"restartPolicy":"Never","dnsPolicy":"ClusterFirst",
            "schedulerName":"default-scheduler","terminationGracePeriodSeconds":30,"securityContext":{},"enableServiceLinks":true,"containers":[]}}}}
            """
        },
        {
            "batch/v1", "CronJob",
            """{"spec":{"schedule":"@hourly","jobTemplate":{"spec":{"template":{"spec":{"containers":[],"restartPolicy":"Never"}}}}}}""",
            """
            {"metadata":{},"status":{},"spec":{"schedule":"@hourly","concurrencyPolicy":"Allow","suspend":false,"successfulJobsHistoryLimit":3,"failedJobsHistoryLimit":1,
            "jobTemplate":{"metadata":{},"spec":{"template":{"metadata":{},"spec":{"restartPolicy":"Never","dnsPolicy":"ClusterFirst",
            "schedulerName":"default-scheduler","terminationGracePeriodSeconds":30,"securityContext":{},"enableServiceLinks":true,"containers":[]}}}}}}
            """
        },
        {
            "autoscaling/v2", "HorizontalPodAutoscaler",
            """{"spec":{"maxReplicas":3,"scaleTargetRef":{"kind":"Deployment","name":"web"}}}""",
            """
            {"metadata":{},"status":{"desiredReplicas":0},"spec":{"minReplicas":1,"maxReplicas":3,"scaleTargetRef":{"kind":"Deployment","name":"web"},
            "metrics":[{"type":"Resource","resource":{"name":"cpu","target":{"type":"Utilization","averageUtilization":80} }}]}}
            """
        },
        {
            "networking.k8s.io/v1", "NetworkPolicy",
            """{"spec":{"egress":[{"ports":[{"port":53}]}]}}""",
            """{"metadata":{},"spec":{"podSelector":{},"policyTypes":["Ingress","Egress"],"egress":[{"ports":[{"port":53,"protocol":"TCP"}]}]}}"""
        },
        {
            "v1", "PersistentVolumeClaim",
            """{"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1024Mi"} }}}""",
            """{"metadata":{},"status":{},"spec":{"accessModes":["ReadWriteOnce"],"volumeMode":"Filesystem","resources":{"requests":{"storage":"1Gi"} }}}"""
        },
        {
            "storage.k8s.io/v1", "StorageClass",
            """{"provisioner":"x/y"}""",
            """{"metadata":{},"provisioner":"x/y","reclaimPolicy":"Delete","volumeBindingMode":"Immediate"}"""
        },
        {
            "v1", "LimitRange",
            """{"spec":{"limits":[{"type":"Container","max":{"cpu":"2"},"min":{"memory":"1Mi"} }]}}""",
            """{"metadata":{},"spec":{"limits":[{"type":"Container","max":{"cpu":"2"},"min":{"memory":"1Mi"},"default":{"cpu":"2"},"defaultRequest":{"cpu":"2","memory":"1Mi"} }]}}"""
        },
        {
            "flowcontrol.apiserver.k8s.io/v1", "PriorityLevelConfiguration",
            """{"spec":{"type":"Limited","limited":{"limitResponse":{"type":"Queue","queuing":{} }}}}""",
            """
            {"metadata":{},"status":{},"spec":{"type":"Limited","limited":{"nominalConcurrencyShares":30,"lendablePercent":0,
            "limitResponse":{"type":"Queue","queuing":{"queues":64,"handSize":8,"queueLengthLimit":50} }}}}
            """
        },
        {
            "resource.k8s.io/v1", "ResourceClaim",
            """{"spec":{"devices":{"requests":[{"name":"gpu","exactly":{"deviceClassName":"gpus"} }]}}}""",
            """{"metadata":{},"status":{},"spec":{"devices":{"requests":[{"name":"gpu","exactly":{"deviceClassName":"gpus","allocationMode":"ExactCount","count":1} }]}}}"""
        },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_manifest_is_filled_as_Kubernetes_fills_it(string apiVersion, string kind, string manifest, string expected)
    {
        var filled = await TableFixture.DecodeAsync(OfKind(apiVersion, kind, manifest));

        var whole = StrategiesFixture.Read(OfKind(apiVersion, kind, expected));
        Assert.True(JsonNode.DeepEquals(whole, filled), $"expected {whole.ToJsonString()}\nbut got  {filled.ToJsonString()}");
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Filling_twice_changes_nothing(string apiVersion, string kind, string manifest, string expected)
    {
        _ = manifest;
        var whole = StrategiesFixture.Read(OfKind(apiVersion, kind, expected));

        var again = await TableFixture.DecodeAsync(whole.ToJsonString());

        Assert.True(JsonNode.DeepEquals(whole, again), $"expected {whole.ToJsonString()}\nbut got  {again.ToJsonString()}");
    }

    [Theory]
    [InlineData("Pod", """{"status":{"containerStatuses":[{"name":"a"}],"conditions":[{"type":"Ready"}]},"spec":{"containers":[]}}""", "")]
    [InlineData("Node", """{"status":{"nodeInfo":{},"conditions":[{"type":"Ready"}],"addresses":[{"type":"Hostname"}]}}""", "")]
    [InlineData("Pod", """{"spec":{"containers":[{"image":"web"}]}}""", "spec.containers[0].name: Required value")]
    [InlineData("Pod", """{"spec":{}}""", "spec.containers: Required value")]
    [InlineData("Pod", """{"spec":{"containers":[],"restartPolicy":"Sometimes"}}""",
        """spec.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "Never", "OnFailure" """)]
    [InlineData("Node", """{"spec":{"taints":[{"key":"a"}]}}""", "spec.taints[0].effect: Required value")]
    public async Task What_is_wanted_must_be_said_and_what_is_observed_need_not(string kind, string manifest, string error)
    {
        var obj = await TableFixture.DecodeAsync(OfKind("v1", kind, manifest));

        StrategiesFixture.Expect(error.Trim(), await TableFixture.ErrorsAsync(obj));
    }

    private static string OfKind(string apiVersion, string kind, string manifest) =>
        $$"""{"apiVersion":"{{apiVersion}}","kind":"{{kind}}",{{manifest.Trim()[1..]}}""";
}
