namespace Modular.EndToEnd;

/// <summary>The least that an object of each kind must say, beside its name.</summary>
internal static class KindSamples
{
    private const string Selected =
        "\"selector\":{\"matchLabels\":{\"a\":\"b\"}},\"template\":{\"metadata\":{\"labels\":{\"a\":\"b\"}},\"spec\":{\"containers\":[{\"name\":\"a\",\"image\":\"i\"}]}}";

    private const string Job =
        "\"template\":{\"spec\":{\"restartPolicy\":\"Never\",\"containers\":[{\"name\":\"a\",\"image\":\"i\"}]}}";

    private static readonly string CertificateRequest =
        Convert.ToBase64String("-----BEGIN CERTIFICATE REQUEST-----\nAA==\n-----END CERTIFICATE REQUEST-----\n"u8);

    /// <summary>By resource: members of the object as JSON.</summary>
    public static IReadOnlyDictionary<string, string> All { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["v1/pods"] = """{"spec":{"containers":[{"name":"a","image":"i"}]}}""",
        ["v1/replicationcontrollers"] = """{"spec":{"selector":{"a":"b"},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"a","image":"i"}]}}}}""",
        ["v1/services"] = """{"spec":{"ports":[{"port":80}]}}""",
        ["v1/endpoints"] = "{}",
        ["v1/nodes"] = "{}",
        ["v1/namespaces"] = "{}",
        ["v1/events"] = """{"involvedObject":{"kind":"Pod","namespace":"default","name":"a"},"reason":"Tried"}""",
        ["v1/configmaps"] = "{}",
        ["v1/secrets"] = "{}",
        ["v1/serviceaccounts"] = "{}",
        ["v1/podtemplates"] = """{"template":{"spec":{"containers":[{"name":"a","image":"i"}]}}}""",
        ["v1/limitranges"] = """{"spec":{"limits":[{"type":"Pod","max":{"cpu":"2"}}]}}""",
        ["v1/resourcequotas"] = """{"spec":{"hard":{"pods":"5"}}}""",
        ["v1/persistentvolumes"] = """{"spec":{"capacity":{"storage":"1Gi"},"accessModes":["ReadWriteOnce"],"hostPath":{"path":"/data"}}}""",
        ["v1/persistentvolumeclaims"] = """{"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}}}}""",
        ["apps/v1/deployments"] = $"{{\"spec\":{{{Selected}}}}}",
        ["apps/v1/replicasets"] = $"{{\"spec\":{{{Selected}}}}}",
        ["apps/v1/daemonsets"] = $"{{\"spec\":{{{Selected}}}}}",
        ["apps/v1/statefulsets"] = $"{{\"spec\":{{{Selected}}}}}",
        ["apps/v1/controllerrevisions"] = """{"revision":1,"data":{"any":"thing"}}""",
        ["batch/v1/jobs"] = $"{{\"spec\":{{{Job}}}}}",
        ["batch/v1/cronjobs"] = $"{{\"spec\":{{\"schedule\":\"@hourly\",\"jobTemplate\":{{\"spec\":{{{Job}}}}}}}}}",
        ["autoscaling/v2/horizontalpodautoscalers"] = """{"spec":{"maxReplicas":3,"scaleTargetRef":{"apiVersion":"apps/v1","kind":"Deployment","name":"web"}}}""",
        ["autoscaling/v1/horizontalpodautoscalers"] = """{"spec":{"maxReplicas":3,"scaleTargetRef":{"apiVersion":"apps/v1","kind":"Deployment","name":"web"}}}""",
        ["events.k8s.io/v1/events"] = """
            {"regarding":{"kind":"Pod","namespace":"default","name":"a"},"eventTime":"2030-01-02T03:04:05.000000Z","reportingController":"example.org/c",
             "reportingInstance":"c-1","action":"Trying","reason":"Tried","type":"Normal"}
            """,
        ["policy/v1/poddisruptionbudgets"] = """{"spec":{"minAvailable":1,"selector":{"matchLabels":{"a":"b"}}}}""",
        ["coordination.k8s.io/v1/leases"] = "{}",
        ["discovery.k8s.io/v1/endpointslices"] = """{"addressType":"IPv4","endpoints":[]}""",
        ["networking.k8s.io/v1/ingresses"] = """{"spec":{"defaultBackend":{"service":{"name":"web","port":{"number":80}}}}}""",
        ["networking.k8s.io/v1/ingressclasses"] = """{"spec":{"controller":"example.org/front"}}""",
        ["networking.k8s.io/v1/networkpolicies"] = "{}",
        ["networking.k8s.io/v1/servicecidrs"] = """{"spec":{"cidrs":["10.12.0.0/24"]}}""",
        ["networking.k8s.io/v1/ipaddresses"] = """{"spec":{"parentRef":{"resource":"services","namespace":"default","name":"web"}}}""",
        ["storage.k8s.io/v1/storageclasses"] = """{"provisioner":"example.org/disks"}""",
        ["storage.k8s.io/v1/volumeattributesclasses"] = """{"driverName":"example.org"}""",
        ["storage.k8s.io/v1/volumeattachments"] = """{"spec":{"attacher":"example.org","nodeName":"oak","source":{"persistentVolumeName":"pv"}}}""",
        ["storage.k8s.io/v1/csidrivers"] = """{"spec":{}}""",
        ["storage.k8s.io/v1/csinodes"] = """{"spec":{"drivers":[]}}""",
        ["storage.k8s.io/v1/csistoragecapacities"] = """{"storageClassName":"slow"}""",
        ["scheduling.k8s.io/v1/priorityclasses"] = """{"value":1000}""",
        ["node.k8s.io/v1/runtimeclasses"] = """{"handler":"native"}""",
        ["certificates.k8s.io/v1/certificatesigningrequests"] = $"{{\"spec\":{{\"request\":\"{CertificateRequest}\",\"signerName\":\"example.org/me\",\"usages\":[\"client auth\"]}}}}",
        ["flowcontrol.apiserver.k8s.io/v1/flowschemas"] = """{"spec":{"priorityLevelConfiguration":{"name":"low"}}}""",
        ["flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations"] = """{"spec":{"type":"Limited","limited":{"limitResponse":{"type":"Reject"}}}}""",
        ["resource.k8s.io/v1/deviceclasses"] = """{"spec":{}}""",
        ["resource.k8s.io/v1/resourceclaims"] = """{"spec":{"devices":{"requests":[{"name":"gpu","exactly":{"deviceClassName":"gpus"}}]}}}""",
        ["resource.k8s.io/v1/resourceclaimtemplates"] = """{"spec":{"spec":{}}}""",
        ["resource.k8s.io/v1/resourceslices"] = """{"spec":{"driver":"example.org","nodeName":"oak","pool":{"name":"p","generation":1,"resourceSliceCount":1}}}""",
    };

    /// <summary>By subresource, or resource that is only created: members of the request as JSON.</summary>
    public static IReadOnlyDictionary<string, string> Requests { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["v1/pods/binding"] = """{"target":{"kind":"Node","name":"oak"}}""",
        ["v1/bindings"] = """{"metadata":{"name":"acted-on"},"target":{"kind":"Node","name":"oak"}}""",
        ["authentication.k8s.io/v1/selfsubjectreviews"] = "{}",
        ["authorization.k8s.io/v1/selfsubjectaccessreviews"] = """{"spec":{"nonResourceAttributes":{"verb":"get","path":"/version"}}}""",
        ["authorization.k8s.io/v1/selfsubjectrulesreviews"] = """{"spec":{"namespace":"default"}}""",
        ["authorization.k8s.io/v1/subjectaccessreviews"] = """{"spec":{"user":"carla","nonResourceAttributes":{"verb":"get","path":"/version"}}}""",
        ["authorization.k8s.io/v1/localsubjectaccessreviews"] =
            """{"spec":{"user":"carla","resourceAttributes":{"namespace":"default","verb":"get","resource":"pods"}}}""",
    };

    /// <summary>By resource that is only created: the resource of the object it acts on, which is called <c>acted-on</c>.</summary>
    public static IReadOnlyDictionary<string, string> ActedOn { get; } = new Dictionary<string, string>(StringComparer.Ordinal) { ["v1/bindings"] = "v1/pods" };

    /// <summary>What an object of a resource may be called; another one for each number.</summary>
    public static string Name(string resource, int number) => resource.EndsWith("/ipaddresses", StringComparison.Ordinal) ? $"10.99.0.{number}" : $"sample-{number}";
}
