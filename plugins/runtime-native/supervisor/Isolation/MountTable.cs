using System.Text.RegularExpressions;

namespace Modular.RuntimeNative.Supervisor.Isolation;

/// <summary>What is mounted in this process's view of the machine.</summary>
internal static partial class MountTable
{
    private const int MountPoint = 4;

    public static IReadOnlySet<string> Read() =>
        File.ReadLines("/proc/self/mountinfo").Select(line => Unescape(line.Split(' ')[MountPoint])).ToHashSet(StringComparer.Ordinal);

    // Blanks and backslashes are written as a backslash and three octal digits.
    private static string Unescape(string text) => Octal().Replace(text, match => ((char)Convert.ToByte(match.Groups[1].Value, 8)).ToString());

    [GeneratedRegex(@"\\([0-7]{3})")]
    private static partial Regex Octal();
}
