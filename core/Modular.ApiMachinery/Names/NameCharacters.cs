using System.Buffers;

namespace Modular.ApiMachinery;

/// <summary>The sets of characters that name rules are made of.</summary>
internal static class NameCharacters
{
    public static readonly SearchValues<char> DnsLabel = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-");

    public static readonly SearchValues<char> PortName = DnsLabel;

    public static readonly SearchValues<char> ConfigKey =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.");
}
