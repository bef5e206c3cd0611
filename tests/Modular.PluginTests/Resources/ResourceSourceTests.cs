using System.Text.Json;
using System.Text.Json.Nodes;
using Modular.Abstractions;
using Modular.ApiMachinery;

namespace Modular.PluginTests;

/// <summary>
/// What every resource source has to do, whatever kinds it brings. An author derives a class, says how it is made, and has these tests; a class may
/// add objects of its kinds. What objects take of what all share is left out: a source finds that out from an API, and here is none.
/// </summary>
public abstract class ResourceSourceTests : IAsyncLifetime
{
    private static readonly string[] Verbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];
    private static readonly string[] OfTheServer = ["name", "namespace", "uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "generation"];

    private IResourceSource? _source;
    private IReadOnlyList<ResourceDefinition> _kinds = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static DateTimeOffset Now => new(2030, 1, 2, 3, 4, 5, TimeSpan.Zero);

    /// <summary>Further objects to try; each states its kind.</summary>
    protected virtual IEnumerable<JsonObject> Objects => [];

    /// <summary>Makes the plugin; called once for each test.</summary>
    protected abstract ValueTask<IResourceSource> StartAsync();

    /// <inheritdoc />
    public async ValueTask InitializeAsync()
    {
        _source = await StartAsync();
        _kinds = await _source.GetResourcesAsync(Token);
    }

    /// <summary>Ends what was made.</summary>
    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    /// <summary>Every kind has names that URLs and clients can carry, and there is one of each.</summary>
    [Fact]
    public void EachKindHasNamesOfItsOwn()
    {
        Assert.NotEmpty(_kinds);
        Assert.All(_kinds, kind =>
        {
            Assert.True(kind.Resource.Group.Length == 0 || NameRules.Dns1123Subdomain(kind.Resource.Group).Count == 0, $"{kind.Resource}: the group is no domain");
            Assert.Empty(NameRules.Dns1035Label(kind.Resource.Version));
            Assert.Empty(NameRules.Dns1035Label(kind.Resource.Resource));
            Assert.Equal(kind.Singular.ToLowerInvariant(), kind.Singular);
            Assert.Equal((kind.Resource.Group, kind.Resource.Version), (kind.Kind.Group, kind.Kind.Version));
            Assert.All(kind.Verbs, verb => Assert.Contains(verb, Verbs));
            Assert.Equal(kind.Subresources.Count, kind.Subresources.Select(subresource => subresource.Name).Distinct().Count());
        });
        Assert.Equal(_kinds.Count, _kinds.Select(kind => kind.Resource).Distinct().Count());
        Assert.Equal(_kinds.Count, _kinds.Select(kind => kind.Kind).Distinct().Count());
    }

    /// <summary>The namespaces are objects of one kind, which lives in none.</summary>
    [Fact]
    public void TheKindOfNamespacesLivesInNone() =>
        Assert.True(_kinds.Where(kind => kind.IsNamespaceKind).ToList() is [] or [{ Namespaced: false }], "more than one kind of namespaces, or one that lives in one");

    /// <summary>A kind is a JSON object with fields.</summary>
    [Fact]
    public void EachSchemaIsOfAnObject() => Assert.All(_kinds, kind => Assert.Equal(SchemaType.Object, kind.Schema.Type));

    /// <summary>Descriptions, if there are any, are of schemas and fields that are there, and say something.</summary>
    [Fact]
    public async Task DescriptionsAreOfItsSchemas()
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var kind in _kinds)
        {
            AddNames(kind.Schema, names, []);
            foreach (var subresource in kind.Subresources.Where(subresource => subresource.Schema is not null))
            {
                AddNames(subresource.Schema!, names, []);
            }
        }

        foreach (var descriptions in _kinds.Select(kind => kind.Descriptions).OfType<ISchemaDescriptions>().Distinct())
        {
            var described = await descriptions.ReadAsync(Token);
            Assert.True(described.Keys.Any(names.Contains), "no schema of these kinds is described");
            Assert.All(described, description => Assert.NotEmpty(description.Value));
        }
    }

    /// <summary>What a source brings stays the same until it says otherwise.</summary>
    [Fact]
    public async Task TheKindsStayTheSame() =>
        Assert.Equal(_kinds.Select(kind => kind.Resource), (await _source!.GetResourcesAsync(Token)).Select(kind => kind.Resource));

    /// <summary>Defaults are filled once: a stored object does not change because it is written again.</summary>
    [Fact]
    public async Task DefaultingTwiceChangesNothing()
    {
        foreach (var (kind, obj) in All())
        {
            await RuleAsync(kind, obj, null, WriteSteps.Default);
            var once = obj.DeepClone();
            await RuleAsync(kind, obj, null, WriteSteps.Default);
            AssertSame(once, obj, kind);
        }
    }

    /// <summary>Validation says what is wrong and changes nothing.</summary>
    [Fact]
    public async Task ValidationChangesNothing()
    {
        foreach (var (kind, obj) in All())
        {
            foreach (var old in new[] { null, (JsonObject)obj.DeepClone() })
            {
                await RuleAsync(kind, obj, old, WriteSteps.Default);
                var before = obj.DeepClone();
                await RuleAsync(kind, obj, old, WriteSteps.Validate);
                AssertSame(before, obj, kind);
            }
        }
    }

    /// <summary>What is stored stays as it is until the new object takes its place.</summary>
    [Fact]
    public async Task TheStoredObjectIsLeftAlone()
    {
        foreach (var (kind, obj) in All())
        {
            var (old, before) = ((JsonObject)obj.DeepClone(), obj.DeepClone());
            await RuleAsync(kind, obj, old, WriteSteps.Default | WriteSteps.Prepare | WriteSteps.Validate);
            AssertSame(before, old, kind);
        }
    }

    /// <summary>Who an object is, and since and until when, is the server's to say.</summary>
    [Fact]
    public async Task WhatIsTheServersStaysAsItIs()
    {
        foreach (var (kind, obj) in All())
        {
            foreach (var old in new[] { null, (JsonObject)obj.DeepClone() })
            {
                var changed = (JsonObject)obj.DeepClone();
                await RuleAsync(kind, changed, old, WriteSteps.Default | WriteSteps.Prepare | WriteSteps.Validate);
                Assert.Equal((kind.Kind.ApiVersion, kind.Kind.Kind), ((string?)changed["apiVersion"], (string?)changed["kind"]));
                Assert.All(OfTheServer, field => Assert.True(
                    JsonNode.DeepEquals(obj["metadata"]![field], changed["metadata"]?[field]), $"{kind.Resource}: metadata.{field} became {changed["metadata"]?[field]}"));
            }
        }
    }

    /// <summary>What is wrong with an object is told field by field, however odd it is, and nothing is thrown.</summary>
    [Fact]
    public async Task WhatIsWrongIsToldByField()
    {
        foreach (var (kind, obj) in All())
        {
            foreach (var old in new[] { null, (JsonObject)obj.DeepClone() })
            {
                var ruling = await RuleAsync(kind, (JsonObject)obj.DeepClone(), old, WriteSteps.Default | WriteSteps.Prepare | WriteSteps.Validate);
                Assert.All(ruling.Errors, error => Assert.True(
                    error.Reason.Length > 0 && error.Message.Length > 0 && error.Field.Length > 0, $"{kind.Resource}: {error} lacks its reason, message or field"));
            }
        }
    }

    /// <summary>A table has a cell for each column: text, a number, true, false or nothing.</summary>
    [Fact]
    public async Task TablesHaveACellForEachColumn()
    {
        foreach (var kind in _kinds)
        {
            List<ApiObject> objects = [.. All().Where(sample => sample.Kind == kind).Select(sample => new ApiObject(kind.Kind, ObjectEncoding.Encode(sample.Object), 7))];
            var rows = await kind.Rules.RenderAsync(kind, objects, Now, Token);
            Assert.Equal(objects.Count, rows.Count);
            Assert.All(rows, cells =>
            {
                Assert.Equal(kind.Columns.Count, cells.Count);
                Assert.DoesNotContain(cells, cell => cell is JsonObject or JsonArray);
            });
        }
    }

    /// <summary>A kind that is stored as another becomes an object that its schema, the other's and the metadata that names it agree with, either way.</summary>
    [Fact]
    public async Task AConvertedObjectIsTheSameOne()
    {
        foreach (var (served, obj) in All().Where(sample => sample.Kind.StoredAs is not null))
        {
            var stored = _kinds.SingleOrDefault(kind => kind.Resource == served.StoredAs);
            if (stored is null && served.Verbs.All(verb => verb is "get" or "list" or "watch"))
            {
                // It shows what another source stores, of which nothing is known here.
                continue;
            }

            Assert.True(stored is { StoredAs: null }, $"{served.Resource} is stored as {served.StoredAs}, which is not brought, or not stored as it is");
            var converted = (JsonObject)obj.DeepClone();
            foreach (var (direction, kind) in new[] { (ConversionDirection.ToStored, stored), (ConversionDirection.FromStored, served) })
            {
                await served.Rules.ConvertAsync(served, direction, [converted], Token);
                SchemaDecoder.CheckTypes(converted, kind.Schema, kind.Kind);
                Assert.All(OfTheServer, field => Assert.True(
                    JsonNode.DeepEquals(obj["metadata"]![field], converted["metadata"]?[field]), $"{served.Resource}, {direction}: metadata.{field} is another"));
            }
        }
    }

    /// <summary>A deletion has a time at which it ends, and says who the object was until then.</summary>
    [Fact]
    public async Task ADeletionHasATime()
    {
        foreach (var (kind, obj) in All())
        {
            foreach (var asked in new long?[] { null, 0, 5 })
            {
                var deleted = (JsonObject)obj.DeepClone();
                var ruling = await kind.Rules.DeleteAsync(kind, Context(kind, "sample"), deleted, asked, Token);
                Assert.InRange(ruling.GraceSeconds, 0, int.MaxValue);
                Assert.Equal(KubernetesTime.Format(Now.AddSeconds(ruling.GraceSeconds)), (string?)deleted["metadata"]!["deletionTimestamp"]);
                Assert.Equal("11111111-2222-3333-4444-555555555555", (string?)deleted["metadata"]!["uid"]);
            }
        }
    }

    private IEnumerable<(ResourceDefinition Kind, JsonObject Object)> All()
    {
        var own = Objects.ToList();
        foreach (var kind in _kinds)
        {
            foreach (var obj in SampleObjects.Of(kind))
            {
                yield return (kind, obj);
            }

            foreach (var obj in own.Where(obj => kind.Kind == GroupVersionKind.From(obj.GetString("apiVersion") ?? "", obj.GetString("kind") ?? "")))
            {
                yield return (kind, SampleObjects.Complete((JsonObject)obj.DeepClone(), kind));
            }
        }
    }

    private static StrategyContext Context(ResourceDefinition kind, string name) => new()
    {
        User = new UserInfo("carla") { Groups = ["system:authenticated"] },
        Resource = kind.Resource,
        Namespace = kind.Namespaced ? "default" : "",
        Name = name,
        Now = Now,
    };

    private static async ValueTask<WriteRuling> RuleAsync(ResourceDefinition kind, JsonObject obj, JsonObject? old, WriteSteps steps)
    {
        var write = new ResourceWrite { Definition = kind, Context = Context(kind, old is null ? "" : "sample"), Object = obj, Old = old, Steps = steps };
        try
        {
            return await kind.Rules.WriteAsync(write, Token);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw new InvalidOperationException($"{steps} of {kind.Resource} failed for {obj.ToJsonString(new JsonSerializerOptions())}: {e.Message}", e);
        }
    }

    private static void AddNames(Schema schema, HashSet<string> names, HashSet<Schema> seen)
    {
        if (!seen.Add(schema))
        {
            return;
        }

        if (schema.Name.Length > 0)
        {
            names.Add(schema.Name);
            names.UnionWith(schema.Properties.Keys.Select(field => $"{schema.Name}.{field}"));
        }

        foreach (var inner in schema.Properties.Values.Append(schema.Items).Append(schema.AdditionalProperties).OfType<Schema>())
        {
            AddNames(inner, names, seen);
        }
    }

    private static void AssertSame(JsonNode before, JsonNode after, ResourceDefinition kind) =>
        Assert.True(JsonNode.DeepEquals(before, after), $"{kind.Resource}: {before.ToJsonString()} became {after.ToJsonString()}");
}
