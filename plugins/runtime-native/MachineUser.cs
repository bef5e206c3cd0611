using System.Globalization;

namespace Modular.Plugins.RuntimeNative;

/// <summary>A user as the machine's files know it, which are the images' too.</summary>
internal sealed record MachineUser(uint Id, uint Group, IReadOnlyList<uint> Groups, string Home)
{
    private const int NameField = 0;
    private const int IdField = 2;
    private const int GroupField = 3;
    private const int HomeField = 5;

    /// <summary>A user who is in no file is in group 0, and at home in /.</summary>
    public static MachineUser Find(uint id)
    {
        var user = Lines("/etc/passwd").FirstOrDefault(fields => fields.Length > HomeField && Number(fields[IdField]) == id);
        if (user is null)
        {
            return new MachineUser(id, 0, [], "/");
        }

        var groups = Lines("/etc/group")
            .Where(fields => fields.Length > GroupField && fields[GroupField].Split(',').Contains(user[NameField], StringComparer.Ordinal))
            .Select(fields => Number(fields[IdField]))
            .OfType<uint>();
        return new MachineUser(id, Number(user[GroupField]) ?? 0, [.. groups], user[HomeField]);
    }

    private static IEnumerable<string[]> Lines(string file) => File.Exists(file) ? File.ReadLines(file).Select(line => line.Split(':')) : [];

    private static uint? Number(string text) => uint.TryParse(text, CultureInfo.InvariantCulture, out var number) ? number : null;
}
