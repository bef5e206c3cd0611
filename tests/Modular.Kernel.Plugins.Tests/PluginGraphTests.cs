using Modular.PluginLoader;
using NuGet.Versioning;

namespace Modular.Kernel.Plugins.Tests;

public sealed class PluginGraphTests
{
    private static readonly VersionRange Fits = VersionRange.Parse("[0.1.0,0.2.0)");

    private static PluginNode Node(string name, string[] provides, params string[] requires) => new(name, new PluginManifest
    {
        Id = $"{name}-plugin",
        DisplayName = name,
        Description = name,
        Version = new NuGetVersion(1, 0, 0),
        EntryAssembly = "x.dll",
        EntryType = "X",
        Provides = [.. provides.Select(c => new ProvidedContract($"modular.{c}", Fits))],
        Requires = [.. requires.Select(c => new RequiredContract($"modular.{c.TrimEnd('?')}", Fits, c.EndsWith('?')))],
    });

    private static PluginGraph Resolve(params PluginNode[] nodes) => PluginGraph.Resolve(nodes, new HashSet<string>());

    [Fact]
    public void Providers_come_first_and_otherwise_the_given_order_stays()
    {
        var graph = Resolve(Node("driver", [], "scheduler", "store"), Node("scheduler", ["scheduler"]), Node("store", ["store"]), Node("last", []));

        Assert.Equal(["scheduler", "store", "driver", "last"], graph.Order.Select(n => n.Name));
        Assert.Equal(["scheduler", "store"], graph.Needs("driver"));
        Assert.Contains("driver (driver-plugin 1.0.0) needs scheduler, store", graph.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_circle_is_named_and_what_hangs_on_it_is_blocked()
    {
        var graph = Resolve(Node("a", ["scheduler"], "store"), Node("b", ["store"], "scheduler"), Node("c", [], "store"), Node("d", []));

        Assert.Equal(["d"], graph.Order.Select(n => n.Name));
        Assert.Equal("DependencyCycle", graph.ProblemOf("a")!.Reason);
        Assert.Contains("a -> b -> a", graph.ProblemOf("b")!.Message, StringComparison.Ordinal);
        Assert.Equal("Blocked", graph.ProblemOf("c")!.Reason);
    }

    [Fact]
    public void An_optional_requirement_gives_way_to_a_circle_and_to_absence()
    {
        var graph = Resolve(Node("a", ["scheduler"], "store?"), Node("b", ["store"], "scheduler"), Node("c", [], "node-endpoint?"));

        Assert.Equal(["c", "a", "b"], graph.Order.Select(n => n.Name));
        Assert.Empty(graph.Problems);
    }

    [Fact]
    public void Absence_blocks_down_the_line()
    {
        var graph = Resolve(Node("a", [], "scheduler"), Node("b", ["scheduler"], "store"));

        Assert.Equal("modular.store", graph.ProblemOf("b")!.BlockedBy);
        Assert.Equal("modular.scheduler", graph.ProblemOf("a")!.BlockedBy);
        Assert.Empty(graph.Order);
    }

    [Fact]
    public void What_the_host_provides_is_there()
    {
        var graph = PluginGraph.Resolve([Node("a", [], "resources")], new HashSet<string> { "modular.resources" });

        Assert.Empty(graph.Problems);
    }

    [Fact]
    public void A_contract_of_another_version_or_of_nobody_is_refused()
    {
        var old = Node("old", ["scheduler"]);
        old = old with { Manifest = old.Manifest with { Provides = [new("modular.scheduler", VersionRange.Parse("[9.0.0,10.0.0)"))] } };
        var graph = Resolve(old, Node("odd", ["teleport"]));

        Assert.Equal("ContractVersion", graph.ProblemOf("old")!.Reason);
        Assert.Contains("[9.0.0,10.0.0), this host has 0.1.0", graph.ProblemOf("old")!.Message, StringComparison.Ordinal);
        Assert.Equal("UnknownContract", graph.ProblemOf("odd")!.Reason);
    }
}
