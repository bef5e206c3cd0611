using System.Text.Json.Nodes;
using Google.Protobuf;
using Modular.Abstractions;
using Modular.ApiMachinery;
using Modular.PluginProcess.Contracts;
using Protocol = Modular.PluginProcess.Protocol;

namespace Modular.PluginProcess.Tests;

/// <summary>A process may say anything of kinds and objects: the host takes what can be served and stored, and nothing else.</summary>
public sealed class HostileResourceTests : IAsyncLifetime
{
    private const string Sound = """{"apiVersion":"example.org/v1","kind":"Widget","metadata":{"name":"w","namespace":"ns","uid":"u"},"spec":{"size":1}}""";

    private readonly ResourceServer _server = new();
    private readonly ResourceServer.HostileSource _hostile = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string, string> Broken => new()
    {
        { "group", "has a group that is no domain" },
        { "version", "has a version that is no label" },
        { "plural", "has a plural that is no label" },
        { "path", "has a plural that is no label" },
        { "singular", "has a singular that is no label" },
        { "other group", "is of another group or version than its kind" },
        { "kind", "has a kind that is no word" },
        { "no kind", "a resource has no kind" },
        { "verb", "has a verb that there is not" },
        { "namespaces", "is the kind of namespaces and lives in one" },
        { "name rule", "has a rule for names that there is not" },
        { "own names", "has a rule for names of its own and nothing that validates" },
        { "columns", "has columns and nothing that renders them" },
        { "no schema", "there is no schema 4000000000" },
        { "text", "has a schema of type String" },
        { "schema type", "77 is no SchemaType" },
        { "list kind", "9 is no ListKind" },
        { "default", "the default of schema 0 is no JSON" },
        { "property", "there is no schema 5" },
        { "twice", "schema 0 has property a twice" },
        { "place", "schema 0 has no place in protobuf" },
        { "long place", "schema 0 has no place in protobuf" },
        { "alternative", "there is no schema 7" },
        { "entry of itself", "is an entry or value of itself" },
        { "nameless circle", "a schema without a name is inside itself" },
        { "deep", "schemas are inside one another" },
        { "unfolding", "more than 1000000 schemas are inside one another" },
        { "subresource", "has a subresource whose name is no label" },
        { "subresource type", "is of a type that there is not" },
        { "scale", "says not where its counts are" },
    };

    public ValueTask InitializeAsync() => new(_server.StartAsync(_hostile));

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [MemberData(nameof(Broken))]
    public async Task Kinds_that_can_not_be_served_are_refused_by_name(string what, string why)
    {
        _hostile.Description = await DescriptionAsync();
        Break(what, _hostile.Description);
        var refused = await Assert.ThrowsAsync<PluginProcessException>(() => _server.OpenAsync());
        Assert.StartsWith("the process of resources-test 1.0.0 described kinds that can't be served: ", refused.Message, StringComparison.Ordinal);
        Assert.Contains(why, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_description_without_bound_is_refused()
    {
        _hostile.Description = await DescriptionAsync();
        _hostile.Description.Schemas[0].Description = new string('x', 65 * 1024 * 1024);
        var refused = await Assert.ThrowsAsync<PluginProcessException>(() => _server.OpenAsync());
        Assert.EndsWith("bytes, which is more than 67108864", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Kinds_that_turn_bad_are_refused_and_those_before_stay_with_whoever_has_them()
    {
        _hostile.Description = await DescriptionAsync();
        var source = await _server.OpenAsync();
        Break("plural", _hostile.Description);
        _server.Renew();
        await Assert.ThrowsAsync<PluginProcessException>(async () => await source.GetResourcesAsync(Token));
        _hostile.Description = await DescriptionAsync();
        Assert.Equal(2, (await source.GetResourcesAsync(Token)).Count);
    }

    [Theory]
    [InlineData("not JSON", "answered what is no JSON object")]
    [InlineData("[]", "answered what is no JSON object")]
    [InlineData("""{"apiVersion":"example.org/v2","kind":"Widget","metadata":{"name":"w","namespace":"ns","uid":"u"}}""", "changed apiVersion")]
    [InlineData("""{"apiVersion":"example.org/v1","kind":"Secret","metadata":{"name":"w","namespace":"ns","uid":"u"}}""", "changed kind")]
    [InlineData("""{"apiVersion":"example.org/v1","kind":"Widget"}""", "took away metadata")]
    [InlineData("""{"apiVersion":"example.org/v1","kind":"Widget","metadata":{"name":"other","namespace":"ns","uid":"u"}}""", "changed metadata.name")]
    [InlineData("""{"apiVersion":"example.org/v1","kind":"Widget","metadata":{"name":"w","namespace":"kube-system","uid":"u"}}""", "changed metadata.namespace")]
    [InlineData("""{"apiVersion":"example.org/v1","kind":"Widget","metadata":{"name":"w","namespace":"ns","uid":"other"}}""", "changed metadata.uid")]
    [InlineData("""{"apiVersion":"example.org/v1","kind":"Widget","metadata":{"name":"w","namespace":"ns","uid":"u","resourceVersion":"9"}}""", "changed metadata.resourceVersion")]
    [InlineData("""{"apiVersion":"example.org/v1","kind":"Widget","metadata":{"name":"w","namespace":"ns","uid":"u","deletionTimestamp":"2030-01-02T03:04:05Z"}}""", "changed metadata.deletionTimestamp")]
    [InlineData("oversized", "bytes, which is more than 8388608")]
    public async Task An_answer_that_is_another_object_changes_nothing(string answer, string why)
    {
        var json = answer == "oversized" ? $$"""{"a":"{{new string('x', 9 * 1024 * 1024)}}"}""" : answer;
        _hostile.Ruling = new() { Object = ByteString.CopyFromUtf8(json), HasReserved = true };
        var (widgets, obj) = (await OpenAsync(), JsonNode.Parse(Sound)!.AsObject());
        var refused = await Assert.ThrowsAsync<ApiException>(async () => await WriteAsync(widgets, obj));
        Assert.Equal(500, refused.Status.Code);
        Assert.Contains(why, refused.Message, StringComparison.Ordinal);
        Assert.Equal(Sound, obj.ToJsonString());
    }

    [Fact]
    public async Task A_refusal_keeps_its_fields()
    {
        var status = new ApiStatus(StatusReason.Invalid, "no") { Causes = [new StatusCause("FieldValueInvalid", "m", "spec.parts[3].size")] };
        _hostile.Ruling = new() { Refusal = SecurityMessages.ToMessage(status) };
        var widgets = await OpenAsync();
        var refused = await Assert.ThrowsAsync<ApiException>(async () => await WriteAsync(widgets, JsonNode.Parse(Sound)!.AsObject()));
        Assert.Equal((422, "spec.parts[3].size"), (refused.Status.Code, refused.Status.Causes.Single().Field));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(long.MaxValue)]
    public async Task A_grace_that_is_no_time_is_refused(long grace)
    {
        _hostile.Deletion = new() { GraceSeconds = grace };
        var widgets = await OpenAsync();
        await Assert.ThrowsAsync<ApiException>(async () => await widgets.Rules.DeleteAsync(widgets, Context, JsonNode.Parse(Sound)!.AsObject(), null, Token));
    }

    [Theory]
    [InlineData("", "/log", "")]
    [InlineData("node", "log", "")]
    [InlineData("node", "/log HTTP/1.1\r\nX-Remote-User: admin", "")]
    [InlineData("node", "/log", "a=1")]
    [InlineData("node", "/log", "?a=1#b")]
    public async Task What_is_no_request_for_a_node_is_refused(string node, string path, string query)
    {
        _hostile.Node = new() { Node = node, Path = path, Query = query };
        var widgets = await OpenAsync();
        var stored = new ApiObject(widgets.Kind, ObjectEncoding.Encode(JsonNode.Parse(Sound)!.AsObject()), 5);
        await Assert.ThrowsAsync<ApiException>(async () => await widgets.Rules.ResolveAsync(widgets, widgets.Subresources[3], new() { Object = stored }, Token));
    }

    [Theory]
    [InlineData("""[]""")]
    [InlineData("""[["1"]]""")]
    [InlineData("""[["1","2"],["1","2"]]""")]
    [InlineData("""[["1","{}"]]""")]
    [InlineData("""[["1","no JSON"]]""")]
    public async Task Cells_of_another_table_are_refused(string rows)
    {
        foreach (var row in JsonNode.Parse(rows)!.AsArray())
        {
            _hostile.Table.Rows.Add(new Protocol.TableRow { Cells = { row!.AsArray().Select(cell => (string)cell!) } });
        }

        var widgets = await OpenAsync();
        var stored = new ApiObject(widgets.Kind, ObjectEncoding.Encode(JsonNode.Parse(Sound)!.AsObject()), 5);
        await Assert.ThrowsAsync<ApiException>(async () => await widgets.Rules.RenderAsync(widgets, [stored], DateTimeOffset.UnixEpoch, Token));
    }

    private static StrategyContext Context => new() { User = new UserInfo("carla"), Resource = new GroupVersionResource("", "v1", "widgets"), Namespace = "ns", Name = "w", Now = DateTimeOffset.UnixEpoch };

    private static void Break(string what, Protocol.Description description)
    {
        var (kind, schemas) = (description.Kinds[0], description.Schemas);
        switch (what)
        {
            case "group": kind.Resource.Group = "a/b"; break;
            case "version": kind.Resource.Version = "v1/x"; break;
            case "plural": kind.Resource.Resource = ""; break;
            case "path": kind.Resource.Resource = "widgets/../secrets"; break;
            case "singular": kind.Singular = "a b"; break;
            case "other group": kind.Kind.Group = "other.org"; break;
            case "kind": kind.Kind.Kind = "Wid get"; break;
            case "no kind": kind.Kind = null; break;
            case "verb": kind.Verbs.Add("burn"); break;
            case "namespaces": kind.IsNamespaceKind = true; break;
            case "name rule": kind.NameRule = (Protocol.NameRule)99; break;
            case "own names": kind.Rules.Remove(Protocol.KindRule.Validate); break;
            case "columns": kind.Rules.Remove(Protocol.KindRule.Render); break;
            case "no schema": kind.Schema = 4_000_000_000; break;
            case "text": schemas[(int)kind.Schema].Type = Protocol.SchemaType.String; break;
            case "schema type": schemas[0].Type = (Protocol.SchemaType)77; break;
            case "list kind": schemas[0].ListKind = (Protocol.ListKind)9; break;
            case "default": schemas[0].Default = "{"; break;
            case "property": Only(new Protocol.Schema { Properties = { new Protocol.SchemaProperty { Name = "a", Schema = 5 } } }); break;
            case "twice": Only(new Protocol.Schema { Properties = { new Protocol.SchemaProperty { Name = "a" }, new Protocol.SchemaProperty { Name = "a" } } }); break;
            case "place": schemas[0].FieldPath.Add(0); break;
            case "long place": schemas[0].FieldPath.AddRange(Enumerable.Repeat(1u, 9)); break;
            case "alternative": Only(new Protocol.Schema { Alternatives = { 7 } }); break;
            case "entry of itself": Only(new Protocol.Schema { Items = 0 }); break;
            case "nameless circle": Only(new Protocol.Schema { Properties = { new Protocol.SchemaProperty { Name = "a" } } }); break;
            case "deep": Only([.. Enumerable.Range(0, 300).Select(i => Leads(i, 300, 1))]); break;
            case "unfolding": Only([.. Enumerable.Range(0, 100).Select(i => Leads(i, 100, 2))]); break;
            case "subresource": kind.Subresources[0].Name = "a/b"; break;
            case "subresource type": kind.Subresources[0].Type = (Protocol.SubresourceType)9; break;
            case "scale": kind.Subresources[1].SpecReplicasPath = ""; break;
            default: throw new ArgumentException(what);
        }

        void Only(params Protocol.Schema[] only)
        {
            schemas.Clear();
            schemas.AddRange(only);
            kind.Schema = 0;
        }

        static Protocol.Schema Leads(int i, int count, int ways) =>
            new() { Properties = { Enumerable.Range(0, i == count - 1 ? 0 : ways).Select(way => new Protocol.SchemaProperty { Name = $"a{way}", Schema = (uint)i + 1 }) } };
    }

    private static async Task<Protocol.Description> DescriptionAsync() => ResourceMessages.ToMessage(await new ScriptedKinds().GetResourcesAsync(Token));

    private async Task<ResourceDefinition> OpenAsync()
    {
        _hostile.Description = await DescriptionAsync();
        return (await (await _server.OpenAsync()).GetResourcesAsync(Token))[0];
    }

    private static ValueTask<WriteRuling> WriteAsync(ResourceDefinition widgets, JsonObject obj) => widgets.Rules.WriteAsync(
        new ResourceWrite { Definition = widgets, Context = Context, Object = obj, Steps = WriteSteps.Default | WriteSteps.Prepare | WriteSteps.Validate }, Token);
}
