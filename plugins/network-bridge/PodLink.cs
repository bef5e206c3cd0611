using System.Net;
using Modular.Plugins.NetworkBridge.Routing;

namespace Modular.Plugins.NetworkBridge;

/// <summary>
/// A sandbox's connection. It is noted as the alias of the node's end of the link, after all else: what has no note was not finished, and
/// when the sandbox's namespace goes, link and note go with it.
/// </summary>
/// <param name="SandboxId">The sandbox.</param>
/// <param name="Address">Its address.</param>
/// <param name="NamespaceIdentity">Which namespace the link leads into.</param>
internal sealed record PodLink(string SandboxId, IPAddress Address, ulong NamespaceIdentity)
{
    private const string Mark = "modular-pod";

    /// <summary>The longest alias that the kernel takes.</summary>
    public const int LongestNote = 255;

    public string Note => $"{Mark} {Address} {NamespaceIdentity} {SandboxId}";

    /// <summary>What a link's alias says; null if it is no such note.</summary>
    public static PodLink? Parse(Link link) =>
        link.Alias.Split(' ', 4) is [Mark, var address, var identity, var sandbox]
        && IPAddress.TryParse(address, out var parsed) && ulong.TryParse(identity, out var number)
            ? new PodLink(sandbox, parsed, number)
            : null;
}
