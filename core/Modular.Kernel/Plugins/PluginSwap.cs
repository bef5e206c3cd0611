using System.Collections.Immutable;
using Modular.PluginLoader;

namespace Modular.Kernel.Plugins;

/// <summary>What an exchange of one plugin for another means, by what they do.</summary>
internal static class PluginSwap
{
    // Most providers of these hold no outside resource, or only sockets that the host lends to several, so that old and new can run at the same time.
    private static readonly ImmutableHashSet<string> Sharing =
        ["modular.scheduler", "modular.authenticator", "modular.authorizer", "modular.admission", "modular.http-endpoints", "modular.resources", "modular.dns", "modular.service-proxy"];

    /// <summary>True if the new is brought up beside the old, false if the old must end first (never two controllers at once).</summary>
    public static bool RunsBeside(PluginManifest old, PluginManifest replacement) => (old.Exchange, replacement.Exchange) switch
    {
        (PluginExchange.After, _) or (_, PluginExchange.After) => false,
        (_, PluginExchange.Beside) => true,
        _ => replacement.Provides.Count > 0 && replacement.Provides.All(p => Sharing.Contains(p.Contract)),
    };

    /// <summary>Why one may not replace the other, or null.</summary>
    public static (string Reason, string Message)? Refusal(PluginManifest old, PluginManifest replacement)
    {
        if (old.Provides.Any(p => p.Contract == "modular.store"))
        {
            return ("StoreInUse", "the store holds the cluster's objects and cannot be exchanged while it runs; stop the cluster and change the distribution file");
        }

        var missing = Missing(old, replacement);
        if (missing.Count > 0)
        {
            return ("ContractsDiffer", $"{replacement.Id} does not provide {string.Join(", ", missing)}, as {old.Id} does; use a plugin of the same role");
        }

        var extra = Missing(replacement, old);
        return extra.Count > 0
            ? ("ContractsDiffer", $"{replacement.Id} provides {string.Join(", ", extra)}, which {old.Id} does not; use a plugin of the same role")
            : null;
    }

    private static List<string> Missing(PluginManifest from, PluginManifest other) =>
        [.. from.Provides.Select(p => p.Contract).Where(c => other.Provides.All(p => p.Contract != c))];
}
