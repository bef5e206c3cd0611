using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Modular.ApiMachinery.Tests;

public sealed class FieldSetTests
{
    [Theory]
    [InlineData("{}")]
    [InlineData("""{"f:spec":{"f:replicas":{}}}""")]
    [InlineData("""{"f:metadata":{"f:labels":{".":{},"f:app":{}}},"f:spec":{"f:containers":{"k:{\"name\":\"a\"}":{".":{},"f:image":{}}}}}""")]
    [InlineData("""{"f:ports":{"k:{\"containerPort\":80,\"protocol\":\"TCP\"}":{}}}""")]
    [InlineData("""{"f:finalizers":{"v:\"a/b\"":{},"v:3":{},"v:true":{}}}""")]
    [InlineData("""{"f:list":{"i:0":{}}}""")]
    [InlineData("""{"f:":{},"f:ä\"":{}}""")]
    public void Is_read_and_written_as_it_is(string json) => Assert.Equal(json, Write(Read(json)));

    [Fact]
    public void Keys_are_written_sorted()
    {
        var set = Read("""{"f:ports":{"k:{ \"protocol\":\"TCP\", \"containerPort\":80 }":{".":{}}}}""");
        Assert.Equal("""{"f:ports":{"k:{\"containerPort\":80,\"protocol\":\"TCP\"}":{}}}""", Write(set));
        Assert.Equal([""".ports[containerPort=80,protocol="TCP"]"""], set.Paths());
    }

    [Fact]
    public void Elements_of_kinds_that_nobody_knows_are_passed_over() =>
        Assert.Equal("""{"f:a":{}}""", Write(Read("""{"f:a":{},"x:b":{"f:c":{}}}""")));

    [Theory]
    [InlineData("[]")]
    [InlineData("""{"f:a":1}""")]
    [InlineData("""{"a":{}}""")]
    [InlineData("""{"k:x":{}}""")]
    [InlineData("""{"k:{}":{}}""")]
    [InlineData("""{"v:":{}}""")]
    [InlineData("""{"i:x":{}}""")]
    [InlineData("""{"f:a":{}""")]
    public void What_is_no_set_is_refused(string json) => Assert.Throws<FormatException>(() => Read(json));

    [Fact]
    public void Paths_are_shown_to_people()
    {
        var set = Read("""{"f:spec":{".":{},"f:containers":{"k:{\"name\":\"a\"}":{".":{},"f:image":{}}},"f:replicas":{}},"f:finalizers":{"v:\"x\"":{}}}""");
        Assert.Equal([".spec", """.finalizers[="x"]""", ".spec.replicas", """.spec.containers[name="a"]""", """.spec.containers[name="a"].image"""], set.Paths());
    }

    [Theory]
    [InlineData("""{"f:a":{},"f:b":{"f:c":{}}}""", """{"f:b":{".":{},"f:d":{}}}""", """{"f:a":{},"f:b":{".":{},"f:c":{},"f:d":{}}}""")]
    [InlineData("{}", """{"f:b":{}}""", """{"f:b":{}}""")]
    public void Union_holds_what_either_holds(string one, string other, string union)
    {
        Assert.Equal(union, Write(Read(one).Union(Read(other))));
        Assert.Equal(union, Write(Read(other).Union(Read(one))));
    }

    [Theory]
    [InlineData("""{"f:a":{},"f:b":{".":{},"f:c":{},"f:d":{}}}""", """{"f:b":{".":{},"f:c":{}}}""", """{"f:b":{".":{},"f:c":{}}}""")]
    [InlineData("""{"f:a":{"f:b":{}}}""", """{"f:a":{}}""", "{}")]
    public void Intersection_holds_what_both_hold(string one, string other, string intersection)
    {
        Assert.Equal(intersection, Write(Read(one).Intersection(Read(other))));
        Assert.Equal(intersection, Write(Read(other).Intersection(Read(one))));
    }

    [Theory]
    [InlineData("""{"f:a":{},"f:b":{".":{},"f:c":{}}}""", """{"f:b":{}}""", """{"f:a":{},"f:b":{"f:c":{}}}""", """{"f:a":{}}""")]
    [InlineData("""{"f:b":{}}""", """{"f:b":{"f:c":{}}}""", """{"f:b":{}}""", """{"f:b":{}}""")]
    [InlineData("""{"f:b":{"f:c":{}}}""", """{"f:b":{"f:c":{}}}""", "{}", "{}")]
    public void Differences_differ_below_what_is_taken_away(string set, string other, string difference, string recursive)
    {
        Assert.Equal(difference, Write(Read(set).Difference(Read(other))));
        Assert.Equal(recursive, Write(Read(set).RecursiveDifference(Read(other))));
    }

    [Fact]
    public void What_an_operation_does_not_change_is_the_same_instance()
    {
        var set = Read("""{"f:a":{},"f:b":{"f:c":{}}}""");
        Assert.Same(set, set.Union(Read("""{"f:b":{"f:c":{}}}""")));
        Assert.Same(set, set.Intersection(Read("""{"f:a":{},"f:b":{"f:c":{}},"f:d":{}}""")));
        Assert.Same(set, set.Difference(Read("""{"f:b":{},"f:d":{}}""")));
        Assert.Same(set, set.RecursiveDifference(Read("""{"f:c":{}}""")));
    }

    [Fact]
    public void Operations_hold_to_the_laws_of_sets()
    {
        var random = new Random(36);
        for (var i = 0; i < 500; i++)
        {
            var (a, b) = (RandomSet(random, 3), RandomSet(random, 3));
            Assert.Equal(Sorted(a).Union(Sorted(b)).Order(StringComparer.Ordinal), Sorted(a.Union(b)));
            Assert.Equal(Sorted(a).Intersect(Sorted(b)).Order(StringComparer.Ordinal), Sorted(a.Intersection(b)));
            Assert.Equal(Sorted(a).Except(Sorted(b)).Order(StringComparer.Ordinal), Sorted(a.Difference(b)));
            Assert.Equal(a, Read(Write(a)));
            Assert.Equal(a.Equals(b), Write(a) == Write(b));
        }
    }

    internal static FieldSet Read(string json) => FieldSetJson.Read(Encoding.UTF8.GetBytes(json));

    internal static string Write(FieldSet set)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            FieldSetJson.Write(writer, set);
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static List<string> Sorted(FieldSet set) => [.. set.Paths().Order(StringComparer.Ordinal)];

    private static FieldSet RandomSet(Random random, int depth)
    {
        var set = FieldSet.Empty;
        for (var i = random.Next(6); i > 0; i--)
        {
            var path = new PathElement[random.Next(1, depth + 1)];
            for (var j = 0; j < path.Length; j++)
            {
                path[j] = PathElement.Field("abc"[random.Next(3)].ToString());
            }

            set = set.Union(FieldSet.Of(path));
        }

        return set;
    }
}
