using Modular.Plugins.NetworkBridge.Filtering;

namespace Modular.Plugins.NetworkBridge;

/// <summary>
/// Rules in chains of others that drop what is passed on, as Docker's installation leaves the chain FORWARD. What one chain drops no other
/// can accept, so the rule has to be in that one.
/// </summary>
internal sealed class ForwardRules(NetworkNames names)
{
    /// <summary>What could not be seen to; one line, or empty.</summary>
    public string Limitation { get; private set; } = "";

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

        EnsureLegacy();
    }

    public void Remove()
    {
        LegacyFilter.Remove(names.Bridge);
        foreach (var rule in FilterTables.BaseChains().Where(chain => chain.Hook == FilterHook.Forward).SelectMany(chain => Own(chain.Name)))
        {
            new FilterChanges().Delete(rule).Commit($"cleaning chain {rule.Chain.Chain}");
        }
    }

    private void EnsureLegacy()
    {
        try
        {
            LegacyFilter.Ensure(names.Bridge);
            Limitation = "";
        }
        catch (IOException exception)
        {
            Limitation = $"{exception.Message}; if pods do not reach each other, run: iptables-legacy -I FORWARD -i {names.Bridge} -j ACCEPT; iptables-legacy -I FORWARD -o {names.Bridge} -j ACCEPT";
        }
    }

    private List<RuleEntry> Own(ChainName chain) => [.. FilterTables.Rules(chain).Where(rule => rule.Comment == names.Comment)];
}
