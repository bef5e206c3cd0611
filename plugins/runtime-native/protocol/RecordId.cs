using System.Diagnostics.CodeAnalysis;

namespace Modular.RuntimeNative.Protocol;

/// <summary>
/// Ids are the caller's, and names of files, directories and cgroups are made of them. What could lead to another place than its own, or be no name
/// at all, is none.
/// </summary>
internal static class RecordId
{
    // With an extension, the longest name of a file.
    private const int Longest = 240;

    /// <summary>Whether an id can't be used, and why.</summary>
    public static bool IsRefused(string id, [NotNullWhen(true)] out string? why)
    {
        why = id switch
        {
            "" => "an id must not be empty",
            "." or ".." => $"'{id}' can't be an id",
            _ when id.Any(char.IsControl) => "an id must not have control characters",
            _ when Uri.EscapeDataString(id).Length > Longest => $"an id must not be longer than {Longest} bytes, with all but letters, digits, '-', '_', '.' and '~' as %XX",
            _ => null,
        };
        return why is not null;
    }
}
