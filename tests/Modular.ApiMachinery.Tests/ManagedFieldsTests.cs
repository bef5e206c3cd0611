using System.Text;
using System.Text.Json.Nodes;

namespace Modular.ApiMachinery.Tests;

public sealed class ManagedFieldsTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero);
    private static readonly FieldWriter Ann = new("ann", "apps/v1");
    private static readonly FieldWriter Bob = new("bob", "apps/v1");

    [Fact]
    public void Who_writes_owns_what_changed_and_takes_it_from_others()
    {
        var owners = ManagedFields.None
            .Updated(Ann, Gained("""{"f:spec":{"f:paused":{},"f:replicas":{}}}"""), Now)
            .Updated(Bob with { Subresource = "status" }, Gained("""{"f:status":{"f:replicas":{}}}"""), Now.AddSeconds(1))
            .Updated(Bob, Change("""{"f:spec":{"f:replicas":{}}}""", """{"f:spec":{"f:paused":{}}}"""), Now.AddSeconds(2));
        Assert.Equal(
            """[{"manager":"bob","operation":"Update","apiVersion":"apps/v1","time":"2026-01-02T03:04:06Z","fieldsType":"FieldsV1","fieldsV1":{"f:status":{"f:replicas":{}}},"subresource":"status"},"""
            + """{"manager":"bob","operation":"Update","apiVersion":"apps/v1","time":"2026-01-02T03:04:07Z","fieldsType":"FieldsV1","fieldsV1":{"f:spec":{"f:replicas":{}}}}]""",
            Text(owners));
    }

    [Fact]
    public void A_change_that_only_takes_away_leaves_the_time_and_makes_no_entry()
    {
        var owners = ManagedFields.None.Updated(Ann, Gained("""{"f:a":{},"f:b":{}}"""), Now);
        var after = owners.Updated(Bob, Change("{}", """{"f:b":{}}"""), Now.AddHours(1));
        Assert.Equal(Text(owners).Replace(""","f:b":{}""", "", StringComparison.Ordinal), Text(after));
        Assert.True(after.Updated(Bob, Change("{}", """{"f:a":{}}"""), Now).IsEmpty);
    }

    [Fact]
    public void No_change_is_the_same_instance()
    {
        var owners = ManagedFields.Read(ManagedFields.None.Updated(Ann, Gained("""{"f:a":{}}"""), Now).Encode());
        Assert.Same(owners, owners.Updated(Ann, Change("{}", "{}"), Now.AddDays(1)));
        Assert.Same(owners, owners.Updated(Bob, Change("{}", """{"f:other":{}}"""), Now.AddDays(1)));
        Assert.Same(owners, owners.Updated(Ann, Gained("""{"f:a":{}}"""), Now));
        Assert.True(owners.SameOwners(owners.Updated(Ann, Gained("""{"f:a":{}}"""), Now.AddDays(1))));
        Assert.False(owners.SameOwners(owners.Updated(Ann, Gained("""{"f:b":{}}"""), Now)));
    }

    // What has nothing to do with a change is told by its bytes; what those can't tell must be read.
    [Theory]
    [InlineData("""{"f:spec":{"f:a":{}}}""", """{"f:spec":{"f:a":{}}}""", true)]
    [InlineData("""{"f:spec":{"f:a":{},"f:b":{}}}""", """{"f:status":{"f:a":{}}}""", false)]
    [InlineData("""{"f:spec":{"f:a":{}},"f:status":{"f:b":{}}}""", """{"f:status":{"f:a":{}}}""", false)]
    [InlineData("""{"f:a\"b":{}}""", """{"f:a\"b":{}}""", true)]
    [InlineData("""{"f:spec":{"k:{\"name\":\"a\"}":{".":{},"f:x":{}}}}""", """{"f:spec":{"k:{\"name\":\"a\"}":{}}}""", true)]
    [InlineData("""{"f:spec":{"k:{\"name\":\"a\"}":{"f:x":{}}}}""", """{"f:spec":{"k:{\"name\":\"a\"}":{"f:y":{}}}}""", false)]
    public void Others_lose_what_was_touched_and_nothing_else(string owned, string touched, bool loses)
    {
        var owners = ManagedFields.Read(ManagedFields.None.Updated(Ann, Gained(owned), Now).Encode());
        var after = owners.Updated(Bob, Change("{}", touched), Now);
        Assert.Equal(loses, Text(after) != Text(owners));
        Assert.Equal(FieldSetTests.Read(owned).Difference(FieldSetTests.Read(touched)).IsEmpty, after.IsEmpty);
    }

    [Fact]
    public void The_oldest_updates_beyond_ten_become_one_of_their_version()
    {
        var owners = ManagedFields.None;
        for (var i = 0; i < 12; i++)
        {
            owners = owners.Updated(new FieldWriter($"m{i:00}", i % 2 == 0 ? "v1" : "v2"), Gained($$$"""{"f:{{{i}}}":{}}"""), Now.AddSeconds(i));
        }

        var entries = (JsonArray)JsonNode.Parse(owners.Encode().Span)!;
        Assert.Equal(10, entries.Count);
        var old = entries.Where(entry => entry!["manager"]!.GetValue<string>() == "ancient-changes").ToList();
        Assert.Equal(["v1", "v2"], old.Select(entry => entry!["apiVersion"]!.GetValue<string>()).Order(StringComparer.Ordinal));
        Assert.Equal(["""{"f:0":{},"f:2":{}}""", """{"f:1":{},"f:3":{}}"""], old.Select(entry => entry!["fieldsV1"]!.ToJsonString()).Order(StringComparer.Ordinal));
        Assert.Contains(entries, entry => entry!["manager"]!.GetValue<string>() == "m11");
    }

    [Theory]
    [InlineData("""[{"manager":"a","operation":"Update","apiVersion":"v1","time":"2026-01-02T05:04:05+02:00","fieldsType":"FieldsV1","fieldsV1":{"f:a":{}}}]""", true)]
    [InlineData("""[{"operation":"Apply","apiVersion":"v1","fieldsType":"FieldsV1"}]""", true)]
    [InlineData("""[{"manager":"a","operation":"Other","apiVersion":"v1","fieldsType":"FieldsV1","fieldsV1":{}}]""", false)]
    [InlineData("""[{"manager":"a","operation":"Update","fieldsType":"FieldsV1","fieldsV1":{}}]""", false)]
    [InlineData("""[{"manager":"a","operation":"Update","apiVersion":"","fieldsType":"FieldsV1","fieldsV1":{}}]""", false)]
    [InlineData("""[{"manager":"a","operation":"Update","apiVersion":"v1","fieldsV1":{}}]""", false)]
    [InlineData("""[{"manager":"a","operation":"Update","apiVersion":"v1","fieldsType":"FieldsV2","fieldsV1":{}}]""", false)]
    [InlineData("""[{"manager":"a","operation":"Update","apiVersion":"v1","fieldsType":"FieldsV1","fieldsV1":{"a":{}}}]""", false)]
    [InlineData("""[{"manager":1,"operation":"Update","apiVersion":"v1","fieldsType":"FieldsV1","fieldsV1":{}}]""", false)]
    [InlineData("""[{"manager":"a","operation":"Update","apiVersion":"v1","time":"soon","fieldsType":"FieldsV1","fieldsV1":{}}]""", false)]
    [InlineData("[1]", false)]
    [InlineData("{}", false)]
    public void What_clients_send_is_looked_at(string json, bool isRight) =>
        Assert.Equal(isRight, ManagedFields.TryRead(Encoding.UTF8.GetBytes(json), out _));

    [Fact]
    public void What_clients_send_is_kept_in_one_form()
    {
        Assert.True(ManagedFields.TryRead(Encoding.UTF8.GetBytes(
            """
            [{"fieldsV1": {"f:b": {}, "f:a": {".": {}}}, "fieldsType": "FieldsV1", "time": "2026-01-02T05:04:05+02:00", "apiVersion": "v1", "operation": "Update", "manager": "z"},
             {"manager": "y", "operation": "Apply", "apiVersion": "v1", "fieldsType": "FieldsV1", "fieldsV1": {"f:c": {}}},
             {"manager": "y", "operation": "Apply", "apiVersion": "v2", "fieldsType": "FieldsV1", "fieldsV1": {"f:d": {}}}]
            """), out var fields));
        Assert.Equal(
            """[{"manager":"y","operation":"Apply","apiVersion":"v2","fieldsType":"FieldsV1","fieldsV1":{"f:d":{}}},"""
            + """{"manager":"z","operation":"Update","apiVersion":"v1","time":"2026-01-02T03:04:05Z","fieldsType":"FieldsV1","fieldsV1":{"f:a":{},"f:b":{}}}]""",
            Text(fields));
    }

    [Fact]
    public void An_object_holds_them_behind_the_rest_of_its_metadata()
    {
        var kind = new GroupVersionKind("", "v1", "Pod");
        var obj = SchemaFixture.Parse("""{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","labels":{"managedFields":"[]"}},"spec":{"managedFields":[1]}}""");
        var owners = ManagedFields.None.Updated(Ann, Gained("""{"f:spec":{}}"""), Now);
        var stored = new ApiObject(kind, ObjectEncoding.Encode(obj, owners), 7);

        Assert.Equal(Text(owners), Encoding.UTF8.GetString(stored.ManagedFields.Span));
        Assert.Equal(
            """{"apiVersion":"v1","kind":"Pod","metadata":{"resourceVersion":"7","name":"a","labels":{"managedFields":"[]"}},"spec":{"managedFields":[1]}}""",
            stored.ToUnmanagedJsonObject().ToJsonString());
        Assert.Equal(Text(owners), stored.ToJsonObject()["metadata"]!["managedFields"]!.ToJsonString());
        Assert.True(new ApiObject(kind, ObjectEncoding.Encode(obj), 7).ManagedFields.IsEmpty);
        Assert.Equal("a", stored.Metadata.Name);
    }

    private static string Text(ManagedFields fields) => Encoding.UTF8.GetString(fields.Encode().Span);

    private static FieldComparison Gained(string fields) => Change(fields, "{}");

    private static FieldComparison Change(string gained, string lost) => new(FieldSetTests.Read(gained), FieldSetTests.Read(lost));
}
