using System.Text.Json.Nodes;

namespace Modular.Plugins.ResourcesKubernetes.Tests;

/// <summary>Objects with every field filled, from Kubernetes itself: nothing of them may be lost.</summary>
public sealed class RoundtripTests
{
    [Theory]
    [InlineData("core.v1.Pod")]
    [InlineData("core.v1.ReplicationController")]
    [InlineData("core.v1.Service")]
    [InlineData("core.v1.Endpoints")]
    [InlineData("core.v1.Node")]
    [InlineData("core.v1.Namespace")]
    [InlineData("core.v1.Event")]
    [InlineData("core.v1.ConfigMap")]
    [InlineData("core.v1.Secret")]
    [InlineData("core.v1.ServiceAccount")]
    [InlineData("coordination.k8s.io.v1.Lease")]
    [InlineData("discovery.k8s.io.v1.EndpointSlice")]
    public async Task A_full_object_passes_unchanged_where_the_facts_are_at_hand(string file)
    {
        var path = Path.Combine(KubernetesData.Demand(), "roundtrip", file + ".json");
        var obj = JsonDecoder.DecodeObject(await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken), out _);
        var before = obj.DeepClone();
        var resource = await TableFixture.ResourceAsync(obj["apiVersion"].AsString()!, obj["kind"].AsString()!);
        var unknown = new List<string>();

        SchemaDecoder.Decode(obj, resource.Schema, resource.Kind, unknown);

        Assert.Empty(unknown);
        Assert.True(JsonNode.DeepEquals(before, obj), obj.ToJsonString());

        // The texts in these objects are the names of their fields, which no enumeration allows; nothing else is wrong with them.
        var errors = await TableFixture.ErrorsAsync(obj);
        Assert.DoesNotContain(errors, error => !error.Contains("Unsupported value", StringComparison.Ordinal));
    }
}
