using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace Modular.Plugins.NetworkBridge.Filtering;

/// <summary>
/// The chain FORWARD of the packet filter that came before nf_tables, which iptables-legacy still speaks with. The kernel hands the whole
/// table out and takes a whole one back; a lock that iptables honours too keeps others out meanwhile.
/// </summary>
internal static class LegacyFilter
{
    private const string Tables = "/proc/thread-self/net/ip_tables_names";
    private const string LockFile = "/run/xtables.lock";
    private const int InternetLevel = 0;
    private const int Replace = 64;
    private const int AddCounters = 65;
    private const int GetInfo = 64;
    private const int GetEntries = 65;
    private const int InfoLength = 84;
    private const int EntriesOffset = 40;

    /// <summary>Lets a link's packets pass if the chain drops what none of its rules decides about.</summary>
    /// <exception cref="IOException">Somebody else changes the table, or the kernel refuses.</exception>
    public static void Ensure(string link) => Change(table => table.DropsForwarded && table.CountAccepted(link) < 2 ? table.Without(link).With(link) : null);

    /// <summary>Removes what was made for a link.</summary>
    /// <exception cref="IOException">Somebody else changes the table, or the kernel refuses.</exception>
    public static void Remove(string link) => Change(table => table.CountAccepted(link) > 0 ? table.Without(link) : null);

    private static void Change(Func<LegacyTable, LegacyTable?> change)
    {
        // To ask for a table makes it.
        if (!File.Exists(Tables) || !File.ReadLines(Tables).Contains("filter"))
        {
            return;
        }

        try
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Raw, ProtocolType.Raw);
            if (change(Read(socket)) is null)
            {
                return;
            }

            using var turn = new FileStream(LockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            var before = Read(socket);
            if (change(before) is { } after)
            {
                Write(socket, before, after);
            }
        }
        catch (SocketException exception)
        {
            throw new IOException($"the rules of iptables-legacy can't be changed: {exception.Message}", exception);
        }
    }

    private static LegacyTable Read(Socket socket)
    {
        var info = new byte[InfoLength];
        Name(info);
        socket.GetRawSocketOption(InternetLevel, GetInfo, info);
        var size = BinaryPrimitives.ReadInt32LittleEndian(info.AsSpan(80));
        var answer = new byte[EntriesOffset + size];
        Name(answer);
        BinaryPrimitives.WriteInt32LittleEndian(answer.AsSpan(32), size);
        socket.GetRawSocketOption(InternetLevel, GetEntries, answer);
        return LegacyTable.Parse(info.AsSpan(32, 44), answer.AsSpan(EntriesOffset));
    }

    private static unsafe void Write(Socket socket, LegacyTable before, LegacyTable after)
    {
        const int counterLength = 16;
        var counters = new byte[before.Entries.Count * counterLength];
        fixed (byte* oldCounters = counters)
        {
            var request = after.Replacement(before.Entries.Count, (nint)oldCounters);
            Name(request);
            socket.SetRawSocketOption(InternetLevel, Replace, request);
        }

        // The kernel starts at zero and tells how far the old rules had counted.
        var addition = new byte[EntriesOffset + (after.Entries.Count * counterLength)];
        Name(addition);
        BinaryPrimitives.WriteInt32LittleEndian(addition.AsSpan(32), after.Entries.Count);
        for (var i = 0; i < after.Entries.Count; i++)
        {
            if (before.Entries.IndexOf(after.Entries[i]) is >= 0 and var old)
            {
                counters.AsSpan(old * counterLength, counterLength).CopyTo(addition.AsSpan(EntriesOffset + (i * counterLength)));
            }
        }

        socket.SetRawSocketOption(InternetLevel, AddCounters, addition);
    }

    private static void Name(Span<byte> structure) => Encoding.ASCII.GetBytes("filter", structure);
}
