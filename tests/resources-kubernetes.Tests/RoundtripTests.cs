using System.Text.Json.Nodes;

namespace Modular.Plugins.ResourcesKubernetes.Tests;

/// <summary>Objects with every field filled, from Kubernetes itself: nothing of them may be lost.</summary>
public sealed class RoundtripTests
{
    [Fact]
    public async Task A_full_object_of_every_kind_passes_unchanged_where_the_facts_are_at_hand()
    {
        var directory = Path.Combine(KubernetesData.Demand(), "roundtrip");
        var differences = new List<string>();
        foreach (var resource in await TableFixture.ResourcesAsync())
        {
            var group = resource.Kind.Group.Length == 0 ? "core" : resource.Kind.Group;
            var path = Path.Combine(directory, $"{group}.{resource.Kind.Version}.{resource.Kind.Kind}.json");
            var obj = JsonDecoder.DecodeObject(await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken), out _);
            var before = obj.DeepClone();
            var unknown = new List<string>();

            SchemaDecoder.Decode(obj, resource.Schema, resource.Kind, unknown);

            differences.AddRange(unknown.Select(field => $"{resource.Kind.Kind} does not know {field}"));
            if (!JsonNode.DeepEquals(before, obj))
            {
                differences.Add($"{resource.Kind.Kind} became {obj.ToJsonString()}");
            }

            // The texts in these objects are the names of their fields, which no enumeration allows; nothing else is wrong with them.
            differences.AddRange((await TableFixture.ErrorsAsync(obj)).Where(error => !error.Contains("Unsupported value", StringComparison.Ordinal)).Select(error => $"{resource.Kind.Kind}: {error}"));
        }

        Assert.Empty(differences);
    }
}
