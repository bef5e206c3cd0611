using Modular.Abstractions;
using Protocol = Modular.PluginProcess.Protocol;

namespace Modular.PluginProcess.Contracts;

/// <summary>Which rules a kind's code has, so that nobody asks for others.</summary>
internal static class KindRules
{
    private static readonly (Protocol.KindRule Rule, string Member)[] Members =
    [
        (Protocol.KindRule.Default, nameof(IResourceStrategy.Default)),
        (Protocol.KindRule.PrepareForCreate, nameof(IResourceStrategy.PrepareForCreateAsync)),
        (Protocol.KindRule.PrepareForUpdate, nameof(IResourceStrategy.PrepareForUpdateAsync)),
        (Protocol.KindRule.Validate, nameof(IResourceStrategy.Validate)),
        (Protocol.KindRule.Warn, nameof(IResourceStrategy.Warnings)),
        (Protocol.KindRule.Reserve, nameof(IResourceStrategy.ReserveAsync)),
        (Protocol.KindRule.Grace, nameof(IResourceStrategy.GracePeriodSeconds)),
        (Protocol.KindRule.BeginDeletion, nameof(IResourceStrategy.BeginDeletion)),
        (Protocol.KindRule.HoldDeletion, nameof(IResourceStrategy.HoldsDeletion)),
    ];

    public static IEnumerable<Protocol.KindRule> Of(ResourceDefinition kind)
    {
        if (kind.Rules is not StrategyRules)
        {
            return [.. Members.Select(member => member.Rule), Protocol.KindRule.Render];
        }

        var written = Written(kind.Strategy.GetType());
        return Members.Where(member => written.Contains(member.Member) || member.Rule == Protocol.KindRule.Validate && ResourceMessages.HasOwnNames(kind))
            .Select(member => member.Rule).Concat(kind.Table is null ? [] : [Protocol.KindRule.Render]);
    }

    /// <summary>The members that a strategy does not leave to the interface.</summary>
    private static HashSet<string> Written(Type strategy)
    {
        var map = strategy.GetInterfaceMap(typeof(IResourceStrategy));
        return [.. map.InterfaceMethods.Where((_, i) => map.TargetMethods[i].DeclaringType != typeof(IResourceStrategy)).Select(method => method.Name)];
    }
}
