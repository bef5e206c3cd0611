using System.Collections.Frozen;

namespace Modular.Models;

/// <summary>The one empty map that absent fields read as.</summary>
internal static class EmptyMap
{
    public static IReadOnlyDictionary<string, string> Strings { get; } = FrozenDictionary<string, string>.Empty;
}
