using Modular.Plugins.NetworkBridge.Routing;

namespace Modular.Plugins.NetworkBridge.Addressing;

/// <summary>The part of the cluster's pod range that this node has: chosen once, kept in a file.</summary>
internal static class NodeRange
{
    private const int PreferredPrefixLength = 24;

    /// <summary>The kept range, or the first one that nothing on this machine has an address in or a way to.</summary>
    public static AddressRange? Choose(AddressRange podRange, string keptIn, IReadOnlyList<AddressRange> inUse)
    {
        if (Kept(keptIn) is { } kept && podRange.Contains(kept))
        {
            return kept;
        }

        // A way to more than the cluster's range, such as one into a company's network, gives way to ours as a default route does.
        var obstacles = inUse.Where(range => range.PrefixLength >= podRange.PrefixLength).ToList();
        var length = Math.Max(PreferredPrefixLength, podRange.PrefixLength);
        var size = 1UL << (AddressRange.Bits - length);
        for (ulong first = podRange.First; first <= podRange.Last; first += size)
        {
            var candidate = new AddressRange((uint)first, length);
            if (!obstacles.Any(candidate.Overlaps))
            {
                Keep(candidate, keptIn);
                return candidate;
            }
        }

        return null;
    }

    /// <summary>Keeps a choice; never half of it.</summary>
    public static void Keep(AddressRange range, string keptIn)
    {
        var draft = keptIn + ".new";
        File.WriteAllText(draft, range.ToString());
        File.Move(draft, keptIn, overwrite: true);
    }

    // A machine that lost its power may have an empty file; its bridge is gone as well.
    private static AddressRange? Kept(string keptIn) =>
        File.Exists(keptIn) && File.ReadAllText(keptIn).Trim() is { Length: > 0 } text ? AddressRange.Parse(text) : null;

    /// <summary>What other links than ours have addresses in or lead to. A default route leads everywhere and does not count.</summary>
    public static IReadOnlyList<AddressRange> InUse(Addresses addresses, Routes routes, int? ownLink) =>
    [
        .. addresses.Ranges().Concat(routes.List().Where(route => route.Range.PrefixLength > 0)).Where(route => route.Link != ownLink).Select(route => route.Range),
    ];
}
