using System.Text.Json.Nodes;

namespace Modular.ApiMachinery.Tests;

public sealed class KubernetesFactsTests
{
    [Fact]
    public void FullObjectsOfKubernetesPassUnchanged()
    {
        var facts = KubernetesFacts.Find();
        Assert.SkipWhen(facts is null, "the facts about Kubernetes are not beside the repository");

        var checkedKinds = 0;
        foreach (var file in Directory.EnumerateFiles(Path.Combine(facts!.Directory, "roundtrip"), "*.json"))
        {
            var obj = JsonDecoder.DecodeObject(File.ReadAllBytes(file), out var duplicates);
            var kind = GroupVersionKind.From(obj["apiVersion"].AsString() ?? "", obj["kind"].AsString() ?? "");
            if (facts.SchemaOf(kind) is { } schema)
            {
                RequireUnchanged(obj, kind, schema);
                Assert.Empty(duplicates);
                checkedKinds++;
            }
        }

        Assert.True(checkedKinds > 40, $"only {checkedKinds} kinds were found");
    }

    [Fact]
    public void LayingAFullPodOverItselfChangesNothing()
    {
        var facts = KubernetesFacts.Find();
        Assert.SkipWhen(facts is null, "the facts about Kubernetes are not beside the repository");
        var schema = facts!.SchemaOf(new GroupVersionKind("", "v1", "Pod"))!;
        var pod = JsonDecoder.DecodeObject(File.ReadAllBytes(Path.Combine(facts.Directory, "roundtrip", "core.v1.Pod.json")), out _);

        Assert.True(JsonNode.DeepEquals(pod, StrategicMergePatch.Apply(pod.DeepClone(), pod, schema)));
        Assert.True(JsonNode.DeepEquals(pod, StrategicMergePatch.Apply(new JsonObject(), pod, schema)));
    }

    private static void RequireUnchanged(JsonObject obj, GroupVersionKind kind, Schema schema)
    {
        var before = obj.DeepClone();
        var unknown = new List<string>();
        var errors = new FieldErrors();

        SchemaDecoder.Decode(obj, schema, kind, unknown);
        SchemaValidator.Validate(obj, old: null, schema, errors);

        Assert.Empty(unknown);
        Assert.Empty(errors.Causes);
        Assert.True(JsonNode.DeepEquals(before, obj), $"{kind} changed");
    }
}
