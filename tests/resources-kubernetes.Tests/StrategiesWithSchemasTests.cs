namespace Modular.Plugins.ResourcesKubernetes.Tests;

/// <summary>Schema and strategy together, in the order of the pipeline: what one reports, the other does not report again.</summary>
public sealed class StrategiesWithSchemasTests
{
    private static readonly KubernetesResources Source = new(StrategiesFixture.Allocator, StrategiesFixture.Budgets);

    [Theory]
    [InlineData("Pod", """{"spec":{"containers":[{"name":"a","image":"host"}]}}""", "")]
    [InlineData(
        "Pod",
        """
        {"spec":{"terminationGracePeriodSeconds":5,"volumes":[{"name":"v"},{"name":"w","configMap":{"name":"m"}}],
         "initContainers":[{"name":"i","image":"j:1"}],
         "containers":[{"name":"a","image":"i","ports":[{"containerPort":80}],"env":[{"name":"X","valueFrom":{"fieldRef":{"fieldPath":"status.podIP"}}}],
          "resources":{"limits":{"cpu":"500m","memory":"64Mi"}},"volumeMounts":[{"name":"v","mountPath":"/v"}],
          "readinessProbe":{"httpGet":{"path":"/","port":80}},"livenessProbe":{"exec":{"command":["true"]}}}]}}
        """,
        "")]
    [InlineData("Pod", """{"spec":{"containers":[]}}""", "spec.containers: Required value")]
    [InlineData("Pod", """{"spec":{}}""", "spec.containers: Required value")]
    [InlineData("Pod", """{"spec":{"containers":[{"image":"i"}]}}""", "spec.containers[0].name: Required value")]
    [InlineData("Pod", """{"spec":{"containers":[{"name":"a"}]}}""", "spec.containers[0].image: Required value")]
    [InlineData(
        "Pod",
        """{"spec":{"restartPolicy":"Sometimes","containers":[{"name":"a","image":"i"}]}}""",
        "spec.restartPolicy: Unsupported value: \"Sometimes\": supported values: \"Always\", \"Never\", \"OnFailure\"")]
    [InlineData(
        "ReplicationController", """{"spec":{"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"a","image":"i"}]}}}}""", "")]
    [InlineData(
        "ReplicationController",
        """{"spec":{"selector":{"a":"b"},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"a"}]}}}}""",
        "spec.template.spec.containers[0].image: Required value")]
    [InlineData("Namespace", "{}", "")]
    [InlineData("Node", "{}", "")]
    [InlineData("Service", """{"spec":{"selector":{"a":"b"},"ports":[{"port":80}]}}""", "")]
    [InlineData("Service", """{"spec":{"clusterIP":"None"}}""", "")]
    [InlineData("Endpoints", """{"subsets":[{"addresses":[{"ip":"10.0.0.1"}],"ports":[{"port":80}]}]}""", "")]
    [InlineData("EndpointSlice", """{"addressType":"IPv4","endpoints":[{"addresses":["10.0.0.1"]}],"ports":[{"port":80}]}""", "")]
    [InlineData("ConfigMap", """{"data":{"a":"b"}}""", "")]
    [InlineData("Secret", """{"stringData":{"a":"b"}}""", "")]
    [InlineData("ServiceAccount", "{}", "")]
    [InlineData("Lease", """{"spec":{"holderIdentity":"me","leaseDurationSeconds":40}}""", "")]
    [InlineData("Event", """{"involvedObject":{"kind":"Pod","name":"web","namespace":"garden"},"reason":"R","message":"m"}""", "")]
    public async Task An_object_is_told_once_what_is_wrong_with_it(string kind, string json, string error)
    {
        var definitions = await Source.GetResourcesAsync(TestContext.Current.CancellationToken);
        var definition = definitions.Single(d => d.Kind.Kind == kind && d.StoredAs is null);
        var obj = StrategiesFixture.Read(json);
        obj["apiVersion"] = definition.Kind.ApiVersion;
        obj["kind"] = kind;
        obj.Set("metadata.name", "web");
        if (definition.Namespaced)
        {
            obj.Set("metadata.namespace", "garden");
        }

        SchemaDecoder.Decode(obj, definition.Schema, definition.Kind, unknown: null);
        definition.Strategy.Default(obj);
        await definition.Strategy.PrepareForCreateAsync(StrategiesFixture.Context, obj, TestContext.Current.CancellationToken);
        var errors = new FieldErrors();
        SchemaValidator.Validate(obj, null, definition.Schema, errors);
        definition.Strategy.Validate(StrategiesFixture.Context, obj, null, errors);
        StrategiesFixture.Expect(error, [.. errors.Causes.Select(cause => $"{cause.Field}: {cause.Message}")]);

        // Nothing that was filled in is filled in differently, or refused, when the object comes back.
        var again = obj.DeepClone().AsObject();
        SchemaDecoder.Decode(again, definition.Schema, definition.Kind, unknown: null);
        definition.Strategy.Default(again);
        Assert.True(System.Text.Json.Nodes.JsonNode.DeepEquals(obj, again));
    }

    /// <summary>What protobuf cannot tell apart may not be told apart: an object that comes back in that form would be refused as changed.</summary>
    [Theory]
    [InlineData("CSIDriver", """{"spec":{"volumeLifecycleModes":[]}}""")]
    [InlineData("CSIDriver", """{"spec":{"tokenRequests":[],"requiresRepublish":false}}""")]
    [InlineData(
        "StatefulSet",
        """
        {"spec":{"serviceName":"","podManagementPolicy":"","selector":{"matchLabels":{"a":"b"},"matchExpressions":[]},"template":{"metadata":{"labels":{"a":"b"}},
         "spec":{"containers":[{"name":"a","image":"i"}]}},"volumeClaimTemplates":[{"kind":"Other","apiVersion":"v9","metadata":{"name":"","labels":{},"annotations":{"a":null}},
         "spec":{"accessModes":[],"selector":{},"resources":{},"dataSource":{"kind":"","name":""},"volumeName":""},"status":{"conditions":[]}},{}]}}
        """)]
    public async Task An_object_that_comes_back_as_protobuf_is_unchanged(string kind, string json)
    {
        var definitions = await Source.GetResourcesAsync(TestContext.Current.CancellationToken);
        var definition = definitions.Single(d => d.Kind.Kind == kind && d.StoredAs is null);
        var obj = StrategiesFixture.Read(json);
        obj["apiVersion"] = definition.Kind.ApiVersion;
        obj["kind"] = kind;
        obj.Set("metadata.name", "web");
        SchemaDecoder.Decode(obj, definition.Schema, definition.Kind, unknown: null);
        definition.Strategy.Default(obj);

        using var encoder = new ProtobufEncoder();
        var enveloped = new System.Buffers.ArrayBufferWriter<byte>();
        ProtobufEnvelope.Write(enveloped, definition.Kind.ApiVersion, kind, encoder.Encode(ObjectEncoding.EncodeValue(obj), definition.Schema));
        var back = ProtobufDecoder.Decode(enveloped.WrittenSpan, definition.Kind, definition.Schema);
        SchemaDecoder.Decode(back, definition.Schema, definition.Kind, unknown: null);
        definition.Strategy.Default(back);

        var errors = new FieldErrors();
        SchemaValidator.Validate(back, obj, definition.Schema, errors);
        definition.Strategy.Validate(StrategiesFixture.Context, back, obj, errors);
        Assert.False(
            errors.Causes.Any(cause => cause.Message.Contains("immutable", StringComparison.Ordinal) || cause.Message.Contains("forbidden", StringComparison.Ordinal)),
            $"was: {obj["spec"]}\nis: {back["spec"]}");
    }
}
