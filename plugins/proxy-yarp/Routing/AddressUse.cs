using System.Net;

namespace Modular.Plugins.ProxyYarp.Routing;

/// <summary>
/// Counts the connections and requests that are on their way to each address. Once handed over, it says so to its successors by a locked
/// file for each address, so that they can tell when the last of it has ended. Thread-safe.
/// </summary>
internal sealed class AddressUse(string directory)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<IPAddress, int> _counts = [];
    private Dictionary<IPAddress, FileStream>? _notices;

    /// <summary>Something is on its way to an address, until <see cref="Leave"/>.</summary>
    public void Enter(IPAddress address)
    {
        lock (_lock)
        {
            var count = _counts.GetValueOrDefault(address);
            _counts[address] = count + 1;
            if (count == 0)
            {
                Notify(address);
            }
        }
    }

    /// <summary>It has ended.</summary>
    public void Leave(IPAddress address)
    {
        lock (_lock)
        {
            if (--_counts[address] > 0)
            {
                return;
            }

            _counts.Remove(address);
            if (_notices is not null && _notices.Remove(address, out var notice))
            {
                notice.Dispose();
            }
        }
    }

    /// <summary>Whether anything is on its way to an address, carried by this proxy or by one before it.</summary>
    public bool IsUsed(IPAddress address)
    {
        lock (_lock)
        {
            return _counts.ContainsKey(address) || IsLocked(NoticeOf(address));
        }
    }

    /// <summary>From now on another proxy answers for the addresses.</summary>
    public void HandOver()
    {
        lock (_lock)
        {
            _notices = [];
            foreach (var address in _counts.Keys)
            {
                Notify(address);
            }
        }
    }

    private void Notify(IPAddress address)
    {
        if (_notices is null)
        {
            return;
        }

        try
        {
            Directory.CreateDirectory(directory);
            _notices[address] = new FileStream(NoticeOf(address), FileMode.OpenOrCreate, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Then nobody waits for these connections; they are carried all the same.
        }
    }

    private string NoticeOf(IPAddress address) => Path.Combine(directory, address.ToString());

    // Who has a notice open shares it; that it can be had alone says that nobody has it open.
    private static bool IsLocked(string notice)
    {
        if (!File.Exists(notice))
        {
            return false;
        }

        try
        {
            using var alone = new FileStream(notice, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            File.Delete(notice);
            return false;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }
}
