using System.Text.Json.Nodes;
using Modular.Plugins.ResourcesKubernetes.Conversions;

namespace Modular.Plugins.ResourcesKubernetes.Tests;

/// <summary>Kinds that are stored as others: nothing is lost between the two, and each says it as Kubernetes' own types do.</summary>
public sealed class ConversionTests
{
    [Theory]
    [InlineData("""{"phase":"Running","conditions":[{"type":"Loaded","status":"True"},{"type":"Ready","status":"True","message":"fine"}]}""", """{"type":"Healthy","status":"True","message":"ok"}""")]
    [InlineData(
        """{"phase":"Failed","conditions":[{"type":"Ready","status":"False","reason":"StartFailed","message":"no port"}]}""",
        """{"type":"Healthy","status":"False","message":"Failed","error":"no port"}""")]
    [InlineData("""{}""", """{"type":"Healthy","status":"False","message":"","error":""}""")]
    public void A_component_is_healthy_if_its_plugin_is_ready(string status, string condition)
    {
        var obj = StrategiesFixture.Read($$$"""{"metadata":{"name":"store","uid":"u","labels":{"a":"b"},"managedFields":[{}],"annotations":{"c":"d"}},"spec":{"plugin":"p"},"status":{{{status}}}}""");
        ComponentView.Instance.FromStored(obj);
        Assert.Equal($$$"""{"metadata":{"name":"store","uid":"u","labels":{"a":"b"}},"conditions":[{{{condition}}}]}""", obj.ToJsonString());
    }

    [Fact]
    public void An_autoscaler_of_v1_has_one_metric_and_the_rest_in_annotations()
    {
        const string Stored = """
            {"metadata":{"name":"a"},"spec":{"scaleTargetRef":{"kind":"Deployment","name":"web"},"maxReplicas":5,
              "metrics":[
                {"type":"Resource","resource":{"name":"memory","target":{"type":"AverageValue","averageValue":"1Gi"}}},
                {"type":"Pods","pods":{"metric":{"name":"hits","selector":{"matchLabels":{"a":"b"}}},"target":{"type":"AverageValue","averageValue":"10"}}},
                {"type":"Object","object":{"describedObject":{"kind":"Service","name":"s"},"metric":{"name":"rate"},"target":{"type":"Value","value":"7"}}},
                {"type":"External","external":{"metric":{"name":"queue"},"target":{"type":"Value","value":"3"}}},
                {"type":"ContainerResource","containerResource":{"name":"cpu","container":"c","target":{"type":"Utilization","averageUtilization":50}}},
                {"type":"Resource","resource":{"name":"cpu","target":{"type":"Utilization","averageUtilization":70}}}],
              "behavior":{"scaleDown":{"stabilizationWindowSeconds":9}}},
             "status":{"currentReplicas":2,"desiredReplicas":3,
              "currentMetrics":[{"type":"Resource","resource":{"name":"cpu","current":{"averageUtilization":44,"averageValue":"90m"}}}],
              "conditions":[{"type":"AbleToScale","status":"True"}]}}
            """;
        var obj = StrategiesFixture.Read(Stored);
        HorizontalPodAutoscalerConversion.Instance.FromStored(obj);
        Assert.Equal("""{"scaleTargetRef":{"kind":"Deployment","name":"web"},"maxReplicas":5,"targetCPUUtilizationPercentage":70}""", obj["spec"]!.ToJsonString());
        Assert.Equal("""{"currentReplicas":2,"desiredReplicas":3,"currentCPUUtilizationPercentage":44}""", obj["status"]!.ToJsonString());
        Expect(obj, "metrics", """
            [{"type":"Resource","resource":{"name":"memory","targetAverageValue":"1Gi"}},
             {"type":"Pods","pods":{"metricName":"hits","selector":{"matchLabels":{"a":"b"}},"targetAverageValue":"10"}},
             {"type":"Object","object":{"target":{"kind":"Service","name":"s"},"metricName":"rate","targetValue":"7"}},
             {"type":"External","external":{"metricName":"queue","targetValue":"3"}},
             {"type":"ContainerResource","containerResource":{"name":"cpu","container":"c","targetAverageUtilization":50}}]
            """);
        Expect(obj, "current-metrics", """[{"type":"Resource","resource":{"name":"cpu","currentAverageUtilization":44,"currentAverageValue":"90m"}}]""");
        Expect(obj, "conditions", """[{"type":"AbleToScale","status":"True"}]""");
        Expect(obj, "behavior", """{"scaleDown":{"stabilizationWindowSeconds":9}}""");
        HorizontalPodAutoscalerConversion.Instance.ToStored(obj);
        Assert.True(JsonNode.DeepEquals(StrategiesFixture.Read(Stored), obj), obj.ToJsonString());
    }

    [Fact]
    public void An_annotation_that_is_no_json_is_named()
    {
        var obj = StrategiesFixture.Read("""{"metadata":{"annotations":{"autoscaling.alpha.kubernetes.io/metrics":"["}},"spec":{}}""");
        var error = Assert.Throws<ApiException>(() => HorizontalPodAutoscalerConversion.Instance.ToStored(obj));
        Assert.Equal(StatusReason.BadRequest, error.Reason);
        Assert.StartsWith("metadata.annotations[autoscaling.alpha.kubernetes.io/metrics]: ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_event_goes_by_two_sets_of_names()
    {
        const string Stored = """
            {"metadata":{"name":"a"},"reason":"R","type":"Normal","eventTime":"2030-05-06T07:08:09.000000Z","reportingInstance":"i",
             "involvedObject":{"kind":"Pod","name":"p"},"message":"m","reportingComponent":"c","source":{"component":"k"},
             "firstTimestamp":"2030-05-06T07:08:09Z","lastTimestamp":"2030-05-06T07:08:10Z","count":3}
            """;
        var obj = StrategiesFixture.Read(Stored);
        EventConversion.Instance.FromStored(obj);
        Assert.True(
            JsonNode.DeepEquals(
                JsonNode.Parse("""
                    {"metadata":{"name":"a"},"reason":"R","type":"Normal","eventTime":"2030-05-06T07:08:09.000000Z","reportingInstance":"i",
                     "regarding":{"kind":"Pod","name":"p"},"note":"m","reportingController":"c","deprecatedSource":{"component":"k"},
                     "deprecatedFirstTimestamp":"2030-05-06T07:08:09Z","deprecatedLastTimestamp":"2030-05-06T07:08:10Z","deprecatedCount":3}
                    """),
                obj),
            obj.ToJsonString());
        EventConversion.Instance.ToStored(obj);
        Assert.True(JsonNode.DeepEquals(StrategiesFixture.Read(Stored), obj), obj.ToJsonString());
    }

    [Theory]
    [InlineData("""{"eventTime":"2030-05-06T07:08:09.000000Z","reportingComponent":"example.com/c","reportingInstance":"i","action":"a","reason":"r","type":"Normal"}""", "")]
    [InlineData("""{"eventTime":"2030-05-06T07:08:09.000000Z","reportingComponent":"c","reportingInstance":"i","action":"a","type":"Normal"}""", "reason: Required value")]
    [InlineData("""{"reportingComponent":"c","reportingInstance":"i","action":"a","reason":"r","type":"Normal"}""", "eventTime: Required value")]
    [InlineData(
        """{"eventTime":"2030-05-06T07:08:09.000000Z","reportingComponent":"c","reportingInstance":"i","action":"a","reason":"r","type":"Odd"}""",
        "type: Invalid value: \"Odd\": has invalid value: Odd")]
    [InlineData(
        """{"eventTime":"2030-05-06T07:08:09.000000Z","reportingComponent":"c","reportingInstance":"i","action":"a","reason":"r","type":"Normal","count":2}""",
        "count: Invalid value: \"2\": needs to be unset")]
    [InlineData(
        """{"eventTime":"2030-05-06T07:08:09.000000Z","reportingComponent":"c","reportingInstance":"i","action":"a","reason":"r","type":"Normal","series":{"count":1,"lastObservedTime":"2030-05-06T07:08:09.000000Z"}}""",
        "series.count: Invalid value: 1: should be at least 2")]
    public void An_event_of_the_newer_group_tells_who_did_what_and_when(string json, string error)
    {
        var obj = StrategiesFixture.Read(json);
        obj["metadata"] = new JsonObject { ["namespace"] = "garden" };
        obj["involvedObject"] = new JsonObject { ["namespace"] = "garden" };
        var errors = new FieldErrors();
        var context = StrategiesFixture.Context with { Resource = new GroupVersionResource("events.k8s.io", "v1", "events") };
        Strategies.EventStrategy.Instance.Validate(context, obj, null, errors);
        StrategiesFixture.Expect(error, [.. errors.Causes.Select(cause => $"{cause.Field}: {cause.Message}")]);
    }

    private static void Expect(JsonObject obj, string annotation, string json)
    {
        var text = obj.GetObject("metadata.annotations")![$"autoscaling.alpha.kubernetes.io/{annotation}"]!.GetValue<string>();
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(json), JsonNode.Parse(text)), text);
    }
}
