using Modular.Plugins.ResourcesKubernetes.Kinds;
using Modular.Plugins.ResourcesKubernetes.Schemas;

namespace Modular.Plugins.ResourcesKubernetes.Tests;

public sealed class TableTests
{
    [Fact]
    public void Every_type_is_built_with_all_types_it_needs()
    {
        var schemas = TableFixture.Schemas();

        Assert.All(schemas.Types, name => Assert.Equal(SchemaTable.FullName(name), schemas.OfType(name).Name));
    }

    [Fact]
    public void Every_correction_is_of_a_field_that_exists()
    {
        var schemas = TableFixture.Schemas();

        Assert.All(schemas.Corrections, correction =>
        {
            var dot = correction.LastIndexOf('.');
            var type = schemas.OfType(correction[..dot]);
            Assert.True(correction[dot..] == ".*" || type.Properties.ContainsKey(correction[(dot + 1)..]), $"{correction} corrects nothing");
        });
    }

    [Theory]
    [InlineData("v1", "Pod", "pods", true, "po", "attach binding ephemeralcontainers eviction exec log portforward proxy resize status")]
    [InlineData("v1", "ReplicationController", "replicationcontrollers", true, "rc", "scale status")]
    [InlineData("v1", "Service", "services", true, "svc", "proxy status")]
    [InlineData("v1", "Endpoints", "endpoints", true, "ep", "")]
    [InlineData("v1", "Node", "nodes", false, "no", "proxy status")]
    [InlineData("v1", "Namespace", "namespaces", false, "ns", "finalize status")]
    [InlineData("v1", "Event", "events", true, "ev", "")]
    [InlineData("v1", "ConfigMap", "configmaps", true, "cm", "")]
    [InlineData("v1", "Secret", "secrets", true, "", "")]
    [InlineData("v1", "ServiceAccount", "serviceaccounts", true, "sa", "")]
    [InlineData("coordination.k8s.io/v1", "Lease", "leases", true, "", "")]
    [InlineData("discovery.k8s.io/v1", "EndpointSlice", "endpointslices", true, "", "")]
    [InlineData("apps/v1", "Deployment", "deployments", true, "deploy", "scale status")]
    [InlineData("batch/v1", "CronJob", "cronjobs", true, "cj", "status")]
    [InlineData("certificates.k8s.io/v1", "CertificateSigningRequest", "certificatesigningrequests", false, "csr", "approval status")]
    [InlineData("v1", "PersistentVolumeClaim", "persistentvolumeclaims", true, "pvc", "status")]
    public async Task A_kind_is_served_by_its_names(
        string apiVersion, string kind, string resource, bool namespaced, string shortNames, string subresources)
    {
        var definition = await TableFixture.ResourceAsync(apiVersion, kind);

        Assert.Equal(resource, definition.Resource.Resource);
        Assert.Equal(kind.ToLowerInvariant(), definition.Singular);
        Assert.Equal(namespaced, definition.Namespaced);
        Assert.Equal(shortNames, string.Join(' ', definition.ShortNames));
        Assert.Equal(subresources, string.Join(' ', definition.Subresources.Select(s => s.Name).Order(StringComparer.Ordinal)));
    }

    [Fact]
    public async Task Kinds_that_have_rules_are_served_and_in_the_table()
    {
        var table = TableLine.Read(KubernetesResources.Text("resources.txt")).Where(line => !line.Indented).Select(line => line.Line[1]);
        var served = (await TableFixture.ResourcesAsync()).Select(resource => $"{resource.Kind.ApiVersion}/{resource.Resource.Resource}");
        var ruled = BuiltInKinds.All(StrategiesFixture.Allocator).Keys;
        Assert.Equal(ruled.Order(StringComparer.Ordinal), served.Order(StringComparer.Ordinal));
        Assert.Empty(ruled.Except(table));
    }

    [Fact]
    public async Task Only_namespaces_hold_other_objects() =>
        Assert.Equal(["Namespace"], (await TableFixture.ResourcesAsync()).Where(r => r.IsNamespaceKind).Select(r => r.Kind.Kind));

    [Fact]
    public async Task The_body_of_a_scale_is_of_its_own_group()
    {
        var controllers = await TableFixture.ResourceAsync("v1", "ReplicationController");

        var scale = controllers.Subresources.Single(s => s.Name == "scale");

        Assert.Equal("autoscaling/v1", scale.Kind.ApiVersion);
        Assert.Equal("io.k8s.api.autoscaling.v1.Scale", scale.Schema!.Name);
    }

    [Fact]
    public async Task Every_selectable_field_is_a_field_of_its_kind()
    {
        var resources = await TableFixture.ResourcesAsync();
        foreach (var resource in resources)
        {
            var stored = resources.SingleOrDefault(r => r.Resource == resource.StoredAs) ?? resource;
            Assert.All(resource.SelectableFields, field =>
            {
                Schema? at = stored.Schema;
                foreach (var name in field.ValuePath.Split('.'))
                {
                    at = at?.Properties.GetValueOrDefault(name);
                }

                Assert.True(at is not null, $"{resource.Kind.Kind} has no {field.Path}");
            });
        }
    }

    [Fact]
    public void What_is_not_served_gives_its_subresources_to_nobody()
    {
        const string Resources = """
            resource v1/nodes kind=Node singular=node verbs=get
            resource v1/notes kind=Note singular=note verbs=get
              subresource status kind=Note verbs=get
            """;

        var definition = Assert.Single(KubernetesResources.Read(
            Resources, TableFixture.Schemas(), BuiltInKinds.All(StrategiesFixture.Allocator), new Subresources(TableFixture.Schemas(), StrategiesFixture.Budgets)));

        Assert.Equal("nodes", definition.Resource.Resource);
        Assert.Empty(definition.Subresources);
    }

    [Fact]
    public void A_type_may_contain_itself()
    {
        const string Types = """
            type core.v1.Tree gvk=v1/Tree
              branches list<core.v1.Tree> #1:repeated:Tree list=map(name) mergeKey=name merge=merge
              name string #2:string required default=""
            """;

        var tree = new SchemaTable(Types, "", "").OfKind(new GroupVersionKind("", "v1", "Tree"));

        var branches = tree.Properties["branches"];
        Assert.Same(tree, branches.Items);
        Assert.Equal((ListKind.Map, "name", true), (branches.ListKind, branches.PatchMergeKey, branches.PatchMerge));
        Assert.Equal(["name"], branches.ListMapKeys);
        Assert.Null(tree.Properties["name"].Default);
    }

    [Fact]
    public void A_type_that_is_nowhere_is_named() => Assert.Contains(
        "core.v1.Leaf",
        Assert.Throws<InvalidOperationException>(() => new SchemaTable("type core.v1.Tree\n  leaf core.v1.Leaf", "", "").OfType("core.v1.Tree")).Message);
}
