using Modular.Plugins.NetworkBridge.Filtering;

namespace Modular.Plugins.NetworkBridge;

/// <summary>
/// Rules in chains of others that drop what is passed on, as Docker's installation leaves the chain FORWARD. What one chain drops no other
/// can accept, so the rule has to be in that one.
/// </summary>
internal sealed class ForwardRules(NetworkNames names)
{
    private const string LegacyTables = "/proc/thread-self/net/ip_tables_names";

    /// <summary>What can't be seen to from here; one line, or empty.</summary>
    public string Limitation =>
        File.Exists(LegacyTables) && File.ReadAllLines(LegacyTables).Contains("filter")
            ? $"iptables-legacy has rules here; if pods do not reach each other, run: iptables-legacy -I FORWARD -i {names.Bridge} -j ACCEPT; iptables-legacy -I FORWARD -o {names.Bridge} -j ACCEPT"
            : "";

    /// <summary>Makes sure that packets of our bridge pass every chain that would drop them.</summary>
    public void Ensure(IEnumerable<BaseChain> chains)
    {
        foreach (var chain in chains.Where(chain => chain is { Hook: FilterHook.Forward, Type: "filter", Drops: true }))
        {
            var own = Own(chain.Name);
            if (own.Count == 2)
            {
                continue;
            }

            var changes = new FilterChanges();
            own.ForEach(rule => changes.Delete(rule));
            changes.Insert(chain.Name, new RuleBuilder().To(names.Bridge).Count().Accept().Note(names.Comment))
                .Insert(chain.Name, new RuleBuilder().From(names.Bridge).Count().Accept().Note(names.Comment))
                .Commit($"letting pods through chain {chain.Name.Chain}");
        }
    }

    public void Remove(IEnumerable<BaseChain> chains)
    {
        foreach (var rule in chains.Where(chain => chain.Hook == FilterHook.Forward).SelectMany(chain => Own(chain.Name)))
        {
            new FilterChanges().Delete(rule).Commit($"cleaning chain {rule.Chain.Chain}");
        }
    }

    private List<RuleEntry> Own(ChainName chain) => [.. FilterTables.Rules(chain).Where(rule => rule.Comment == names.Comment)];
}
