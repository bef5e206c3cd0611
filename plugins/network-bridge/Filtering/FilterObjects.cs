namespace Modular.Plugins.NetworkBridge.Filtering;

/// <summary>Where a chain is.</summary>
internal sealed record ChainName(FilterFamily Family, string Table, string Chain);

/// <summary>A chain that packets come through by themselves.</summary>
/// <param name="Name">Where it is.</param>
/// <param name="Hook">Where on a packet's way it is asked.</param>
/// <param name="Type">filter or nat.</param>
/// <param name="Drops">Whether it drops what none of its rules decides about.</param>
internal sealed record BaseChain(ChainName Name, FilterHook Hook, string Type, bool Drops);

/// <summary>A rule that is there.</summary>
/// <param name="Chain">Where.</param>
/// <param name="Handle">The number the kernel knows it by.</param>
/// <param name="Comment">What its maker noted on it; may be empty.</param>
internal sealed record RuleEntry(ChainName Chain, long Handle, string Comment);
