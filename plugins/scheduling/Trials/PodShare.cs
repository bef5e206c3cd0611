using System.Text;

namespace Modular.Plugins.Scheduling.Trials;

/// <summary>Divides pods evenly and always in the same way, by their uids (FNV-1a, http://www.isthe.com/chongo/tech/comp/fnv/).</summary>
internal static class PodShare
{
    private const int MostBytes = 256;

    /// <summary>A number from 0 to 99.</summary>
    public static int Of(string uid)
    {
        Span<byte> bytes = stackalloc byte[MostBytes];
        Encoding.UTF8.TryGetBytes(uid, bytes, out var length);
        var hash = 2166136261u;
        foreach (var octet in bytes[..length])
        {
            hash = (hash ^ octet) * 16777619u;
        }

        return (int)(hash % 100);
    }
}
