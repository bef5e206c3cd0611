using System.Text;
using System.Text.Json.Nodes;

namespace Modular.ApiMachinery.Tests;

public sealed class AppliedConfigurationTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private readonly Clusterlet _object = new();

    [Fact]
    public void The_first_apply_makes_the_object_and_owns_what_it_states()
    {
        _object.Apply("ann", """{"spec":{"replicas":2,"containers":[{"name":"a","image":"x"}]}}""");
        Assert.Equal("""{"replicas":2,"containers":[{"name":"a","image":"x"}]}""", _object.Spec);
        Assert.Equal("""{"f:spec":{"f:containers":{"k:{\"name\":\"a\"}":{".":{},"f:image":{},"f:name":{}}},"f:replicas":{}}}""", _object.OwnedBy("ann"));
    }

    [Fact]
    public void What_an_applier_gives_up_goes_unless_somebody_else_owns_it()
    {
        _object.Apply("ann", """{"spec":{"replicas":2,"paused":true,"strategy":{"type":"Recreate"},"selector":{"a":"b"}}}""");
        _object.Apply("bob", """{"spec":{"paused":true}}""");
        _object.Apply("ann", """{"spec":{"replicas":2}}""");
        Assert.Equal("""{"replicas":2,"paused":true}""", _object.Spec);
        Assert.Equal("""{"f:spec":{"f:replicas":{}}}""", _object.OwnedBy("ann"));
        _object.Apply("bob", "{}");
        Assert.Equal("""{"replicas":2}""", _object.Spec);
        Assert.Equal("", _object.OwnedBy("bob"));
    }

    [Fact]
    public void What_others_wrote_into_a_list_or_map_stays()
    {
        _object.Apply("ann", """{"metadata":{"labels":{"a":"1"},"finalizers":["a/a"]},"spec":{"containers":[{"name":"a","image":"x"}]}}""");
        _object.Update("bob", obj =>
        {
            obj["metadata"]!["labels"]!["b"] = "2";
            obj["metadata"]!["finalizers"]!.AsArray().Add("b/b");
            obj["spec"]!["containers"]!.AsArray().Add(new JsonObject { ["name"] = "b" });
            obj["spec"]!["containers"]![0]!["env"] = new JsonArray(new JsonObject { ["name"] = "E", ["value"] = "1" });
        });
        _object.Apply("ann", """{"metadata":{"labels":{"c":"3"},"finalizers":["c/c"]},"spec":{"containers":[{"name":"a"}]}}""");
        Assert.Equal("""{"name":"o","namespace":"n","labels":{"b":"2","c":"3"},"finalizers":["b/b","c/c"]}""", _object.Metadata);
        Assert.Equal("""{"containers":[{"name":"a","env":[{"name":"E","value":"1"}]},{"name":"b"}]}""", _object.Spec);
    }

    [Fact]
    public void An_entry_is_told_apart_by_all_its_keys_and_their_defaults()
    {
        _object.Apply("ann", """{"spec":{"containers":[{"name":"a","ports":[{"containerPort":80,"name":"t"},{"containerPort":80,"protocol":"UDP","name":"u"}]}]}}""");
        _object.Apply("bob", """{"spec":{"containers":[{"name":"a","ports":[{"containerPort":80,"protocol":"TCP","name":"t"}]}]}}""");
        _object.Apply("ann", """{"spec":{"containers":[{"name":"a","ports":[{"containerPort":80,"protocol":"UDP","name":"u"}]}]}}""");
        Assert.Equal(
            """{"containers":[{"name":"a","ports":[{"containerPort":80,"name":"t","protocol":"TCP"},{"containerPort":80,"protocol":"UDP","name":"u"}]}]}""", _object.Spec);
        _object.Apply("bob", "{}");
        Assert.Equal("""{"containers":[{"name":"a","ports":[{"containerPort":80,"protocol":"UDP","name":"u"}]}]}""", _object.Spec);
    }

    [Fact]
    public void Values_that_are_one_are_replaced_whole()
    {
        _object.Apply("ann", """{"spec":{"matcher":{"labels":{"a":"1"}},"containers":[{"name":"a","args":["x","y"]}]}}""");
        _object.Apply("ann", """{"spec":{"matcher":{"labels":{"b":"1"}},"containers":[{"name":"a","args":["z"]}]}}""");
        Assert.Equal("""{"matcher":{"labels":{"b":"1"}},"containers":[{"name":"a","args":["z"]}]}""", _object.Spec);
        var conflict = Assert.Throws<ApiException>(() => _object.Apply("bob", """{"spec":{"matcher":{}}}"""));
        Assert.Equal([".spec.matcher"], conflict.Status.Causes.Select(cause => cause.Field));
    }

    [Theory]
    [InlineData("a,b,c", "c,a", "b,c,a")]
    [InlineData("a,b,c", "d,a", "d,a,b,c")]
    [InlineData("a,b", "b,c,a", "b,c,a")]
    [InlineData("a,b,c,d", "b,d", "a,b,c,d")]
    [InlineData("a", "", "a")]
    [InlineData("", "b,a", "b,a")]
    public void Entries_keep_their_order_as_far_as_the_configuration_leaves_it(string live, string config, string merged)
    {
        _object.Update("ann", obj => obj["metadata"]!["finalizers"] = List(live));
        _object.Apply("bob", new JsonObject { ["metadata"] = new JsonObject { ["finalizers"] = List(config) } }.ToJsonString());
        Assert.Equal(merged, string.Join(',', _object.Object["metadata"]!["finalizers"]!.AsArray().Select(entry => entry!.GetValue<string>())));

        static JsonArray List(string entries) => [.. entries.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(entry => (JsonNode)JsonValue.Create(entry))];
    }

    [Fact]
    public void One_conflict_is_told_in_one_line()
    {
        _object.Update("ann", obj => obj["spec"] = SchemaFixture.Parse("""{"replicas":2}"""));
        var conflict = Assert.Throws<ApiException>(() => _object.Apply("bob", """{"spec":{"replicas":3}}""")).Status;
        Assert.Equal((StatusReason.Conflict, 409), (conflict.Reason, conflict.Code));
        Assert.Equal("""Apply failed with 1 conflict: conflict with "ann" using apps/v1: .spec.replicas""", conflict.Message);
        Assert.Equal([new StatusCause("FieldManagerConflict", """conflict with "ann" using apps/v1""", ".spec.replicas")], conflict.Causes);
        Assert.Equal("""{"replicas":2}""", _object.Spec);
    }

    [Fact]
    public void Several_conflicts_are_told_by_owner()
    {
        _object.Update("zoe", obj => obj["spec"] = SchemaFixture.Parse("""{"replicas":2,"containers":[{"name":"a","image":"x"}]}"""), "scale");
        _object.Apply("ann", """{"spec":{"paused":true}}""");
        var conflict = Assert.Throws<ApiException>(() => _object.Apply("bob", """{"spec":{"replicas":3,"paused":false,"containers":[{"name":"a","image":"y"}]}}""")).Status;
        Assert.Equal(
            "Apply failed with 3 conflicts: conflicts with \"ann\":\n- .spec.paused\n"
            + "conflicts with \"zoe\" with subresource \"scale\" using apps/v1:\n- .spec.replicas\n- .spec.containers[name=\"a\"].image",
            conflict.Message);
        Assert.Equal("""conflict with "zoe" with subresource "scale" using apps/v1""", conflict.Causes[2].Message);
    }

    [Fact]
    public void Who_agrees_owns_too_and_who_forces_owns_alone()
    {
        _object.Apply("ann", """{"spec":{"replicas":2}}""");
        _object.Apply("bob", """{"spec":{"replicas":2,"paused":true}}""");
        Assert.Equal("""{"f:spec":{"f:replicas":{}}}""", _object.OwnedBy("ann"));
        _object.Apply("bob", """{"spec":{"replicas":3,"paused":true}}""", force: true);
        Assert.Equal(("", """{"f:spec":{"f:paused":{},"f:replicas":{}}}"""), (_object.OwnedBy("ann"), _object.OwnedBy("bob")));
    }

    [Fact]
    public void An_update_by_the_same_name_is_somebody_else()
    {
        _object.Update("ann", obj => obj["spec"] = SchemaFixture.Parse("""{"replicas":2}"""));
        var conflict = Assert.Throws<ApiException>(() => _object.Apply("ann", """{"spec":{"replicas":3}}"""));
        Assert.Contains("conflict with \"ann\" using apps/v1", conflict.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_there_before_anybody_tracked_it_is_somebodys()
    {
        _object.Forget();
        _object.Replace("""{"spec":{"replicas":2}}""");
        var conflict = Assert.Throws<ApiException>(() => _object.Apply("ann", """{"spec":{"replicas":3}}"""));
        Assert.Contains("conflict with \"before-first-apply\" using apps/v1", conflict.Message, StringComparison.Ordinal);
        _object.Apply("ann", """{"spec":{"paused":true}}""");
        Assert.Equal("""{"f:spec":{".":{},"f:replicas":{}}}""", _object.OwnedBy("before-first-apply"));
    }

    [Fact]
    public void Null_is_a_value_that_whoever_states_it_owns()
    {
        _object.Apply("ann", """{"spec":{"replicas":2,"strategy":{"type":"x"}}}""");
        _object.Apply("ann", """{"spec":{"replicas":null,"strategy":null}}""");
        Assert.Equal("""{"f:spec":{"f:replicas":{},"f:strategy":{}}}""", _object.OwnedBy("ann"));
        Assert.Null(_object.Object["spec"]!["replicas"]);
    }

    [Fact]
    public void What_is_stated_empty_stays_when_all_in_it_is_given_up()
    {
        _object.Apply("ann", """{"spec":{"strategy":{"rollingUpdate":{"maxSurge":1}}}}""");
        _object.Apply("ann", """{"spec":{"strategy":{"rollingUpdate":{}}}}""");
        Assert.Equal("""{"strategy":{"rollingUpdate":{}}}""", _object.Spec);
        _object.Apply("ann", """{"spec":{"paused":true}}""");
        Assert.Equal("""{"paused":true}""", _object.Spec);
    }

    [Fact]
    public void A_status_is_applied_by_itself()
    {
        _object.Apply("ann", """{"spec":{"replicas":2},"status":{"replicas":9}}""");
        Assert.Equal("""{"f:spec":{"f:replicas":{}}}""", _object.OwnedBy("ann"));
        _object.Apply("ann", """{"metadata":{"finalizers":["a/b"]},"spec":{"replicas":3},"status":{"replicas":1}}""", subresource: "status");
        Assert.Equal("""{"f:status":{"f:replicas":{}}}""", _object.OwnedBy("ann", "status"));
    }

    [Fact]
    public void Kubectl_takes_over_what_it_applied_by_itself()
    {
        _object.Update("kubectl-client-side-apply", obj =>
        {
            obj["metadata"]!["annotations"] = new JsonObject
            {
                ["kubectl.kubernetes.io/last-applied-configuration"] = """{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"o"},"spec":{"replicas":2,"paused":true}}""",
            };
            obj["spec"] = SchemaFixture.Parse("""{"replicas":2,"paused":true}""");
        });
        _object.Update("hpa", obj => obj["spec"]!["paused"] = false);
        var conflict = Assert.Throws<ApiException>(() => _object.Apply("kubectl", """{"spec":{"replicas":3,"paused":true}}"""));
        Assert.Equal([".spec.paused"], conflict.Status.Causes.Select(cause => cause.Field));
        Assert.Throws<ApiException>(() => _object.Apply("other", """{"spec":{"replicas":3}}"""));

        _object.Apply("kubectl", """{"spec":{"replicas":3}}""");
        Assert.Equal("""{"replicas":3,"paused":false}""", _object.Spec);
        Assert.Equal(
            """{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"o","namespace":"n"},"spec":{"replicas":3}}""" + "\n",
            _object.Object["metadata"]!["annotations"]!["kubectl.kubernetes.io/last-applied-configuration"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("""{"spec":{"foo":1}}""", ".spec.foo: field not declared in schema")]
    [InlineData("""{"foo":1,"spec":{"containers":[{"name":"a","bar":1}]}}""", "errors:\n  .foo: field not declared in schema\n  .spec.containers[name=\"a\"].bar: field not declared in schema")]
    [InlineData("""{"spec":{"replicas":"x"}}""", ".spec.replicas: expected numeric (int or float), got string")]
    [InlineData("""{"spec":{"matcher":{"labels":{"a":1}}}}""", ".spec.matcher.labels.a: expected string, got number")]
    [InlineData("""{"spec":[]}""", ".spec: expected map, got list")]
    [InlineData("""{"spec":{"containers":{}}}""", ".spec.containers: expected list, got map")]
    [InlineData("""{"spec":{"containers":[{"name":"a"},{"name":"a"}]}}""", ".spec.containers: duplicate entries for key [name=\"a\"]")]
    [InlineData("""{"spec":{"containers":[{"image":"a"}]}}""",
        ".spec.containers: element 0: associative list with keys has an element that omits key field \"name\" (and doesn't have default value)")]
    [InlineData("""{"spec":{"containers":["a"]}}""", ".spec.containers: element 0: associative list with keys may not have non-map elements")]
    [InlineData("""{"spec":{"containers":[null]}}""", ".spec.containers: element 0: associative list with keys may not have a null element")]
    [InlineData("""{"metadata":{"finalizers":["a","a"]}}""", ".metadata.finalizers: duplicate entries for key [=\"a\"]")]
    [InlineData("""{"metadata":{"finalizers":[{}]}}""", ".metadata.finalizers: element 0: associative list without keys has an element that's a map type")]
    public void What_nobody_could_own_is_refused(string config, string problem)
    {
        var obj = SchemaFixture.Parse(config);
        obj["metadata"] ??= new JsonObject();
        (obj["metadata"]!["name"], obj["metadata"]!["namespace"]) = ("o", "n");
        var refused = Assert.Throws<ApiException>(() => ConfigurationRules.Demand(obj, SchemaFixture.Deployment, SchemaFixture.Kind));
        Assert.Equal($"failed to create typed patch object (n/o; apps/v1, Kind=Deployment): {problem}", refused.Message);
        Assert.Equal(StatusReason.BadRequest, refused.Reason);
    }

    /// <summary>One object and its owners.</summary>
    internal sealed class Clusterlet
    {
        private bool _exists;

        public JsonObject Object { get; private set; } = SchemaFixture.Parse("""{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"o","namespace":"n"}}""");

        public ManagedFields Owners { get; private set; } = ManagedFields.None;

        public string Spec => Object["spec"]!.ToJsonString();

        public string Metadata => Object["metadata"]!.ToJsonString();

        public void Apply(string manager, string config, bool force = false, string subresource = "")
        {
            var obj = SchemaFixture.Parse(config);
            (obj["apiVersion"], obj["kind"]) = ("apps/v1", "Deployment");
            obj["metadata"] ??= new JsonObject();
            (obj["metadata"]!["name"], obj["metadata"]!["namespace"]) = ("o", "n");
            obj = SchemaFixture.Parse(Ordered(obj));
            ConfigurationRules.Demand(obj, SchemaFixture.Deployment, SchemaFixture.Kind);
            var applied = new AppliedConfiguration
            {
                Configuration = obj,
                Schema = SchemaFixture.Deployment,
                Scope = subresource.Length > 0 ? FieldScope.Status : FieldScope.AllButStatus,
                Writer = new FieldWriter(manager, "apps/v1", subresource),
                Force = force,
                Now = Now,
            };
            var result = _exists ? applied.ApplyTo(Object, Owners) : applied.Create();
            (Object, Owners, _exists) = (result.Object, Stored(result.Fields), true);
        }

        public void Update(string manager, Action<JsonObject> change, string subresource = "")
        {
            var old = (JsonObject)Object.DeepClone();
            change(Object);
            var difference = FieldComparison.Of(old, Object, SchemaFixture.Deployment, FieldScope.AllButStatus);
            Owners = Stored(Owners.Updated(new FieldWriter(manager, "apps/v1", subresource), difference, Now));
            _exists = true;
        }

        public void Forget() => (Owners, _exists) = (ManagedFields.None, true);

        public void Replace(string members)
        {
            foreach (var (name, value) in SchemaFixture.Parse(members).ToList())
            {
                Object[name] = value?.DeepClone();
            }
        }

        public string OwnedBy(string manager, string subresource = "") => Entries()
            .FirstOrDefault(entry => entry["manager"]!.GetValue<string>() == manager && (entry["subresource"]?.GetValue<string>() ?? "") == subresource)
            ?["fieldsV1"]!.ToJsonString(Plain) ?? "";

        public IEnumerable<JsonObject> Entries() => Owners.IsEmpty ? [] : ((JsonArray)JsonNode.Parse(Owners.Encode().Span)!).OfType<JsonObject>();

        // As it is after a restart: read from bytes.
        private static ManagedFields Stored(ManagedFields fields) => ManagedFields.Read(fields.Encode());

        private static string Ordered(JsonObject obj)
        {
            var ordered = new JsonObject();
            foreach (var name in (string[])["apiVersion", "kind", "metadata", .. obj.Select(member => member.Key)])
            {
                if (!ordered.ContainsKey(name))
                {
                    ordered[name] = name == "metadata" ? Metadata(obj) : obj[name]?.DeepClone();
                }
            }

            return ordered.ToJsonString();

            static JsonObject Metadata(JsonObject obj)
            {
                var metadata = new JsonObject { ["name"] = "o", ["namespace"] = "n" };
                foreach (var (name, value) in obj["metadata"]!.AsObject())
                {
                    metadata[name] = value?.DeepClone();
                }

                return metadata;
            }
        }

        private static readonly System.Text.Json.JsonSerializerOptions Plain = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    }
}
