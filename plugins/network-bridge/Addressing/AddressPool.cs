using System.Net;

namespace Modular.Plugins.NetworkBridge.Addressing;

/// <summary>
/// The addresses of the node's range: the first is the node's, the last is for broadcasts, pods have the others. One that was given back
/// is taken again only after all others, so that late packets do not find another pod.
/// </summary>
internal sealed class AddressPool(AddressRange range)
{
    private readonly HashSet<uint> _taken = [];
    private uint _cursor = range.First + 1;

    /// <summary>The node's own.</summary>
    public IPAddress Gateway => AddressRange.Address(range.First + 1);

    /// <summary>Takes the next free address; null if there is none.</summary>
    public IPAddress? Take()
    {
        var (first, last) = (range.First + 2, range.Last - 1);
        for (var tried = first; tried <= last; tried++)
        {
            _cursor = _cursor >= last || _cursor < first ? first : _cursor + 1;
            if (_taken.Add(_cursor))
            {
                return AddressRange.Address(_cursor);
            }
        }

        return null;
    }

    /// <summary>Notes an address that is in use; false if it is not one of these or somebody has it.</summary>
    public bool Reserve(IPAddress address)
    {
        var number = AddressRange.Number(address);
        if (!range.Contains(number) || !_taken.Add(number))
        {
            return false;
        }

        _cursor = Math.Max(_cursor, number);
        return true;
    }

    public void Release(IPAddress address) => _taken.Remove(AddressRange.Number(address));
}
