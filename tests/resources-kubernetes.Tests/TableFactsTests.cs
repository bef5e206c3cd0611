using System.Text.Json;
using Modular.Plugins.ResourcesKubernetes.Schemas;

namespace Modular.Plugins.ResourcesKubernetes.Tests;

/// <summary>The table beside the facts it was made of. Read here by other code than the generator's.</summary>
public sealed class TableFactsTests
{
    [Fact]
    public void Types_are_as_the_facts_say_where_the_facts_are_at_hand()
    {
        using var facts = KubernetesData.Facts();
        var schemas = TableFixture.Schemas();
        var differences = new List<string>();
        foreach (var name in schemas.Types)
        {
            var fact = facts.RootElement.GetProperty("types").GetProperty(SchemaTable.FullName(name));
            if (fact.TryGetProperty("fields", out var fields))
            {
                Compare(name, fields, schemas.OfType(name), differences);
            }
        }

        Assert.Empty(differences);
    }

    [Fact]
    public void Protobuf_numbers_are_as_the_facts_say_where_the_facts_are_at_hand()
    {
        using var facts = KubernetesData.Facts();
        var type = "";
        var numbers = 0;
        foreach (var (indented, line) in TableLine.Read(KubernetesResources.Text("types.txt")))
        {
            if (!indented)
            {
                type = SchemaTable.FullName(line[1]);
                continue;
            }

            var types = facts.RootElement.GetProperty("types").GetProperty(type);
            if (line[0] != "inline" && types.GetProperty("fields").GetProperty(line[0]) is var field && field.TryGetProperty("n", out var number))
            {
                var protobuf = field.GetProperty("p").GetString()!.Replace(", ", ",", StringComparison.Ordinal).Replace(' ', ':');
                Assert.Equal($"{type}.{line[0]} #{number}:{protobuf}", $"{type}.{line[0]} {line[2]}");
                numbers++;
            }
        }

        Assert.True(numbers > 500, $"only {numbers} fields have numbers");
    }

    [Fact]
    public async Task Resources_are_as_the_facts_say_where_the_facts_are_at_hand()
    {
        using var facts = KubernetesData.Facts();
        foreach (var resource in await TableFixture.ResourcesAsync())
        {
            var fact = facts.RootElement.GetProperty("resources").GetProperty(resource.Kind.ApiVersion).EnumerateArray()
                .Single(r => r.GetProperty("resource").GetString() == resource.Resource.Resource);
            Assert.Equal(fact.GetProperty("kind").GetString(), resource.Kind.Kind);
            Assert.Equal(fact.GetProperty("singular").GetString(), resource.Singular);
            Assert.Equal(fact.GetProperty("namespaced").GetBoolean(), resource.Namespaced);
            Assert.Equal(Texts(fact, "verbs"), resource.Verbs);
            Assert.Equal(Texts(fact, "shortNames"), resource.ShortNames);
            Assert.Equal(Texts(fact, "categories"), resource.Categories);
        }
    }

    private static void Compare(string type, JsonElement fields, Schema schema, List<string> differences)
    {
        var names = fields.EnumerateObject().Select(f => f.Name).Order(StringComparer.Ordinal).ToList();
        var has = schema.Properties.Keys.Order(StringComparer.Ordinal).ToList();
        if (!names.SequenceEqual(has))
        {
            differences.Add($"{type} has {string.Join(',', has)}, not {string.Join(',', names)}");
            return;
        }

        foreach (var field in fields.EnumerateObject())
        {
            var expected = Expected(field.Value);
            var actual = Actual(field.Name, schema);
            if (expected != actual)
            {
                differences.Add($"{type}.{field.Name} is {actual}, not {expected}");
            }
        }
    }

    private static string Expected(JsonElement field)
    {
        var merge = Text(field, "ms").Split(',');
        return Describe(
            Text(field, "t"),
            field.TryGetProperty("r", out _),
            Text(field, "lt") switch { "map" => ListKind.Map, "set" => ListKind.Set, _ => ListKind.Atomic },
            Texts(field, "lk"),
            Text(field, "mk"),
            merge.Contains("merge"),
            merge.Contains("retainKeys"));
    }

    private static string Actual(string name, Schema owner)
    {
        var field = owner.Properties[name];
        return Describe(
            TypeOf(field),
            owner.Required.Contains(name),
            field.ListKind,
            field.ListMapKeys,
            field.PatchMergeKey,
            field.PatchMerge,
            field.PatchRetainKeys);
    }

    private static string Describe(
        string type, bool required, ListKind list, IReadOnlyList<string> keys, string mergeKey, bool merges, bool retainsKeys) =>
        $"{type} required:{required} {list}({string.Join(',', keys)}) key:{mergeKey} merges:{merges} retains:{retainsKeys}";

    private static string TypeOf(Schema schema) => schema switch
    {
        { Name.Length: > 0 } => "ref:" + schema.Name,
        { Type: SchemaType.Array } => $"list<{TypeOf(schema.Items!)}>",
        { AdditionalProperties: { } values } => $"map<{TypeOf(values)}>",
        { Format.Length: > 0 } => $"{schema.Type.ToString().ToLowerInvariant()}:{schema.Format}",
        _ => schema.Type.ToString().ToLowerInvariant(),
    };

    private static string Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) ? value.GetString()! : "";

    private static string[] Texts(JsonElement element, string name) =>
        element.TryGetProperty(name, out var list) ? [.. list.EnumerateArray().Select(v => v.GetString()!)] : [];
}
