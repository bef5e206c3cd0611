using System.Text.Json.Nodes;

namespace Modular.ApiMachinery.Tests;

/// <summary>Random configurations of a few managers, and updates in between: what holds after each of them.</summary>
public sealed class AppliedConfigurationFuzzTests
{
    private static readonly string[] Managers = ["ann", "bob", "kubectl"];

    [Theory]
    [InlineData(1)]
    [InlineData(36)]
    [InlineData(4711)]
    public void Nothing_is_lost_and_nothing_is_owned_that_is_not_there(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 40; round++)
        {
            var cluster = new AppliedConfigurationTests.Clusterlet();
            for (var step = 0; step < 15; step++)
            {
                if (step > 0 && random.Next(4) == 0)
                {
                    Update(cluster, random);
                }
                else
                {
                    Apply(cluster, random);
                }

                Check(cluster);
            }
        }
    }

    private static void Apply(AppliedConfigurationTests.Clusterlet cluster, Random random)
    {
        var (manager, config, force) = (Managers[random.Next(Managers.Length)], Configuration(random).ToJsonString(), random.Next(3) == 0);
        var (before, owned) = ((JsonObject)cluster.Object.DeepClone(), OwnedByOthers(cluster, manager));
        try
        {
            cluster.Apply(manager, config, force);
        }
        catch (ApiException conflict)
        {
            Assert.Equal(StatusReason.Conflict, conflict.Reason);
            Assert.False(force);
            Assert.Equal(before.ToJsonString(), cluster.Object.ToJsonString());
            Assert.NotEmpty(conflict.Status.Causes);
            return;
        }

        // What is stated is there; what others own is still there, and without force as it was.
        var stated = FieldExtraction.Extract(SchemaFixture.Parse(config), SchemaFixture.Deployment);
        Assert.Empty(stated.Difference(Present(cluster)).Paths());
        var change = FieldComparison.Of(before, cluster.Object, SchemaFixture.Deployment, FieldScope.AllButStatus);
        // As in Kubernetes an entry of a list is its owners', whoever owns something in it.
        Assert.Empty(InOwnEntries(owned, change.Lost));
        if (!force)
        {
            Assert.Empty(owned.Intersection(change.Gained).Paths());
        }

        // The same again is nothing.
        var (once, owners) = (cluster.Object.ToJsonString(), cluster.Owners);
        cluster.Apply(manager, config);
        Assert.Equal(once, cluster.Object.ToJsonString());
        Assert.True(owners.SameOwners(cluster.Owners));
    }

    private static void Update(AppliedConfigurationTests.Clusterlet cluster, Random random)
    {
        var change = Configuration(random);
        cluster.Update("zoe", obj =>
        {
            foreach (var (name, value) in change.ToList())
            {
                if (name == "metadata")
                {
                    obj["metadata"]!["labels"] = value!["labels"]?.DeepClone();
                }
                else
                {
                    obj[name] = value?.DeepClone();
                }
            }

            if (obj["metadata"]!["labels"] is null)
            {
                obj["metadata"]!.AsObject().Remove("labels");
            }
        });
    }

    private static void Check(AppliedConfigurationTests.Clusterlet cluster)
    {
        var present = Present(cluster);
        foreach (var entry in cluster.Entries())
        {
            var fields = FieldSetTests.Read(entry["fieldsV1"]!.ToJsonString());
            Assert.False(fields.IsEmpty);
            Assert.Empty(fields.Difference(present).Paths());
        }
    }

    private static IEnumerable<string> InOwnEntries(FieldSet owned, FieldSet lost)
    {
        var paths = owned.Paths().ToHashSet(StringComparer.Ordinal);
        return lost.Paths().Where(path => paths.Contains(path) && EntriesAround(path).All(paths.Contains));

        static IEnumerable<string> EntriesAround(string path) =>
            Enumerable.Range(0, path.Length).Where(at => path[at] == ']').Select(at => path[..(at + 1)]);
    }

    private static FieldSet Present(AppliedConfigurationTests.Clusterlet cluster) => FieldComparison.Of([], cluster.Object, SchemaFixture.Deployment, FieldScope.Whole).Gained
        .Union(FieldExtraction.Extract(cluster.Object, SchemaFixture.Deployment));

    private static FieldSet OwnedByOthers(AppliedConfigurationTests.Clusterlet cluster, string manager)
    {
        var owned = FieldSet.Empty;
        foreach (var entry in cluster.Entries())
        {
            if (entry["manager"]!.GetValue<string>() != manager)
            {
                owned = owned.Union(FieldSetTests.Read(entry["fieldsV1"]!.ToJsonString()));
            }
        }

        return owned;
    }

    private static JsonObject Configuration(Random random)
    {
        var config = new JsonObject();
        if (random.Next(2) == 0)
        {
            config["metadata"] = new JsonObject { ["labels"] = Map(random, atLeast: 1) };
        }

        var spec = new JsonObject();
        if (random.Next(2) == 0)
        {
            spec["replicas"] = random.Next(2);
        }

        if (random.Next(2) == 0)
        {
            spec["matcher"] = new JsonObject { ["labels"] = Map(random, atLeast: 0) };
        }

        if (random.Next(2) == 0)
        {
            spec["strategy"] = new JsonObject { ["rollingUpdate"] = new JsonObject { ["maxSurge"] = random.Next(2) } };
        }

        if (random.Next(3) > 0)
        {
            spec["containers"] = Entries(random, "ab", Container);
        }

        config["spec"] = spec;
        return config;
    }

    private static JsonObject Container(Random random, string name)
    {
        var container = new JsonObject { ["name"] = name };
        if (random.Next(2) == 0)
        {
            container["image"] = "image" + random.Next(2);
        }

        if (random.Next(3) == 0)
        {
            container["args"] = new JsonArray(random.Next(2).ToString(), "x");
        }

        if (random.Next(2) == 0)
        {
            container["ports"] = Entries(random, "12", (r, port) => r.Next(2) == 0
                ? new JsonObject { ["containerPort"] = port[0] - '0', ["protocol"] = "UDP", ["name"] = "n" + r.Next(2) }
                : new JsonObject { ["containerPort"] = port[0] - '0', ["protocol"] = "TCP" });
        }

        return container;
    }

    private static JsonArray Entries(Random random, string names, Func<Random, string, JsonObject> make)
    {
        var entries = new JsonArray();
        var first = random.Next(names.Length);
        for (var i = random.Next(1, names.Length + 1); i > 0; i--)
        {
            entries.Add((JsonNode)make(random, names[(first + i) % names.Length].ToString()));
        }

        return entries;
    }

    private static JsonObject Map(Random random, int atLeast)
    {
        var map = new JsonObject();
        for (var i = random.Next(atLeast, 3); i > 0; i--)
        {
            map["abc"[random.Next(3)].ToString()] = "v" + random.Next(2);
        }

        return map;
    }
}
