using System.Text;
using Modular.PluginLoader;

namespace Modular.Kernel.Plugins;

/// <summary>A role with the manifest that is to fill it.</summary>
/// <param name="Name">The role.</param>
/// <param name="Manifest">What fills it.</param>
/// <param name="Trial">How it is tried beside the one that provides its contracts, while it provides them to nobody; null if it is to provide them.</param>
public sealed record PluginNode(string Name, PluginManifest Manifest, Trial? Trial = null);

/// <summary>Why a role cannot be filled.</summary>
/// <param name="Name">The role.</param>
/// <param name="Reason">CamelCase.</param>
/// <param name="Message">One line with what to do.</param>
/// <param name="BlockedBy">The role or contract it waits for; empty if the plugin itself is wrong.</param>
public sealed record PluginProblem(string Name, string Reason, string Message, string BlockedBy = "");

/// <summary>Who needs whom, and in which order they start. The order depends on the input alone.</summary>
public sealed class PluginGraph
{
    private readonly Dictionary<string, List<string>> _needs = new(StringComparer.Ordinal);

    private PluginGraph(IReadOnlyList<PluginNode> nodes) => Nodes = nodes;

    /// <summary>As given.</summary>
    public IReadOnlyList<PluginNode> Nodes { get; }

    /// <summary>Providers before those that need them; where both orders would do, as given. Without the problematic ones.</summary>
    public IReadOnlyList<PluginNode> Order { get; private set; } = [];

    /// <summary>One for each role that cannot be filled.</summary>
    public IReadOnlyList<PluginProblem> Problems { get; private set; } = [];

    /// <summary>The problem of a role, or null.</summary>
    public PluginProblem? ProblemOf(string name) => Problems.FirstOrDefault(p => p.Name == name);

    /// <summary>The roles that provide what a role cannot do without.</summary>
    public IReadOnlyList<string> Needs(string name) => _needs.GetValueOrDefault(name) ?? [];

    /// <summary>Works out who needs whom.</summary>
    /// <param name="nodes">The roles, in the order of the distribution.</param>
    /// <param name="providedByHost">Contracts that the host itself provides.</param>
    public static PluginGraph Resolve(IReadOnlyList<PluginNode> nodes, IReadOnlySet<string> providedByHost)
    {
        var graph = new PluginGraph(nodes);
        var problems = new List<PluginProblem>();
        var sound = nodes.Where(n => Add(problems, ContractProblem(n) ?? TrialProblem(n, nodes))).ToList();
        var providers = Providers(sound, problems);
        sound.RemoveAll(n => problems.Any(p => p.Name == n.Name));
        BlockThoseWithoutProvider(sound, providers, providedByHost, problems);
        foreach (var node in sound)
        {
            graph._needs[node.Name] = Edges(node, providers, optional: false);
        }

        graph.Order = Sort(sound, providers, problems);
        graph.Problems = problems;
        return graph;
    }

    /// <summary>One line per role: what it needs and who gives it.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var node in Order)
        {
            text.Append(node.Name).Append(" (").Append(node.Manifest.Id).Append(' ').Append(node.Manifest.Version).Append(')');
            var needs = Needs(node.Name);
            text.AppendLine(needs.Count == 0 ? "" : $" needs {string.Join(", ", needs)}");
        }

        foreach (var problem in Problems)
        {
            text.Append(problem.Name).Append(": ").AppendLine(problem.Message);
        }

        return text.ToString();
    }

    private static bool Add(List<PluginProblem> problems, PluginProblem? problem)
    {
        if (problem is not null)
        {
            problems.Add(problem);
        }

        return problem is null;
    }

    /// <summary>What is wrong with the contracts that a plugin names, or null: this host has each of them, in a version it fits.</summary>
    public static PluginProblem? CheckContracts(string name, PluginManifest manifest) => ContractProblem(new PluginNode(name, manifest));

    private static PluginProblem? ContractProblem(PluginNode node)
    {
        var ranges = node.Manifest.Provides.Select(p => (p.Contract, p.Range, Verb: "provides"))
            .Concat(node.Manifest.Requires.Select(r => (r.Contract, r.Range, Verb: "requires")));
        foreach (var (contract, range, verb) in ranges)
        {
            if (ContractCatalog.Find(contract) is not { } known)
            {
                return new(node.Name, "UnknownContract", $"{node.Manifest.Id} {verb} {contract}, which this host does not know; correct its manifest or use a newer host");
            }

            if (!range.Satisfies(known.Version))
            {
                return new(node.Name, "ContractVersion", $"{node.Manifest.Id} {verb} {contract} {range.OriginalString}, this host has {known.Version}; use a version of the plugin that fits");
            }
        }

        return null;
    }

    private static PluginProblem? TrialProblem(PluginNode node, IReadOnlyList<PluginNode> nodes)
    {
        if (node.Trial is not { } trial)
        {
            return null;
        }

        var untried = node.Manifest.Provides.FirstOrDefault(p => !ContractCatalog.Find(p.Contract)!.HasTrials)?.Contract;
        return node.Manifest.Provides.Count > 0 && untried is null
            ? TriedForProblem(node, trial.Role, nodes)
            : new(node.Name, "NoTrials", $"{node.Manifest.Id} can't be tried beside another: {(untried is null ? "it provides nothing" : $"{untried} has no trials")}; take trial out of its spec, or use a plugin of {string.Join(", ", ContractCatalog.NamesOfTrials)}");
    }

    private static PluginProblem? TriedForProblem(PluginNode node, string role, IReadOnlyList<PluginNode> nodes)
    {
        if (role.Length == 0)
        {
            return null;
        }

        // The role's own plugin, which still has it while this is asked, would be gone by then.
        if (role == node.Name)
        {
            return new(node.Name, "NoSuchRole", $"{role} can't be tried for itself; give the candidate a name of its own");
        }

        if (nodes.FirstOrDefault(n => n.Name == role) is not { Trial: null } tried)
        {
            return new(node.Name, "NoSuchRole", $"there is no role {role} here to try {node.Manifest.Id} for; name a role that 'modular plugins ls' lists", role);
        }

        return PluginSwap.Refusal(tried.Manifest, node.Manifest) is { } refusal
            ? new(node.Name, refusal.Reason, $"{node.Manifest.Id} can't be tried for {role}: {refusal.Message}")
            : null;
    }

    private static Dictionary<string, List<PluginNode>> Providers(List<PluginNode> nodes, List<PluginProblem> problems)
    {
        var providers = new Dictionary<string, List<PluginNode>>(StringComparer.Ordinal);
        foreach (var node in nodes.Where(n => n.Trial is null))
        {
            var taken = node.Manifest.Provides.FirstOrDefault(p =>
                ContractCatalog.Find(p.Contract)!.Cardinality == ContractCardinality.One && providers.ContainsKey(p.Contract));
            if (taken is not null)
            {
                var first = providers[taken.Contract][0];
                problems.Add(new(node.Name, "ContractTaken",
                    $"{first.Name} ({first.Manifest.Id}) and {node.Name} ({node.Manifest.Id}) both provide {taken.Contract}, which only one may; disable one of them"));
                continue;
            }

            foreach (var provided in node.Manifest.Provides)
            {
                if (!providers.TryGetValue(provided.Contract, out var list))
                {
                    providers[provided.Contract] = list = [];
                }

                list.Add(node);
            }
        }

        return providers;
    }

    private static void BlockThoseWithoutProvider(
        List<PluginNode> nodes, Dictionary<string, List<PluginNode>> providers, IReadOnlySet<string> providedByHost, List<PluginProblem> problems)
    {
        // Each blocked role may have been the provider of another: go on until nobody new is blocked.
        for (var before = -1; before != nodes.Count;)
        {
            before = nodes.Count;
            nodes.RemoveAll(node =>
            {
                var missing = node.Manifest.Requires.FirstOrDefault(r =>
                    !r.Optional && !providedByHost.Contains(r.Contract)
                    && !(providers.TryGetValue(r.Contract, out var list) && list.Any(p => p == node || nodes.Contains(p))));
                return missing is not null && !Add(problems, new(node.Name, "MissingContract",
                    $"{node.Manifest.Id} requires {missing.Contract}, which no plugin provides; add one to the distribution", missing.Contract));
            });
        }
    }

    private static List<string> Edges(PluginNode node, Dictionary<string, List<PluginNode>> providers, bool optional) =>
    [
        .. node.Manifest.Requires.Where(r => r.Optional == optional)
            .SelectMany(r => providers.GetValueOrDefault(r.Contract) ?? [])
            .Where(p => p != node).Select(p => p.Name).Distinct(StringComparer.Ordinal),
    ];

    private static List<PluginNode> Sort(
        List<PluginNode> nodes, Dictionary<string, List<PluginNode>> providers, List<PluginProblem> problems)
    {
        var order = new List<PluginNode>();
        var waiting = new List<PluginNode>(nodes);
        while (waiting.Count > 0)
        {
            // What is merely optional gives way when it would close a circle.
            var next = waiting.Find(n => !Waits(n, optional: false) && !Waits(n, optional: true)) ?? waiting.Find(n => !Waits(n, optional: false));
            if (next is null)
            {
                ReportCycle(waiting, providers, problems);
                break;
            }

            order.Add(next);
            waiting.Remove(next);
        }

        return order;

        bool Waits(PluginNode node, bool optional) => Edges(node, providers, optional).Any(name => waiting.Any(w => w.Name == name));
    }

    private static void ReportCycle(List<PluginNode> waiting, Dictionary<string, List<PluginNode>> providers, List<PluginProblem> problems)
    {
        var path = new List<PluginNode>();
        var node = waiting[0];
        while (!path.Contains(node))
        {
            path.Add(node);
            var needed = Edges(node, providers, optional: false);
            node = waiting.First(w => needed.Contains(w.Name));
        }

        var circle = path[path.IndexOf(node)..];
        var text = string.Join(" -> ", circle.Append(node).Select(n => n.Name));
        foreach (var stuck in waiting)
        {
            problems.Add(circle.Contains(stuck)
                ? new(stuck.Name, "DependencyCycle", $"plugins need each other in a circle: {text}; make one of the requirements optional")
                : new(stuck.Name, "Blocked", $"waits for a plugin in the circle {text}", circle[0].Name));
        }
    }
}
