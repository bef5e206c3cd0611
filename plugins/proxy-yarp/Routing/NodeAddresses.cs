using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace Modular.Plugins.ProxyYarp.Routing;

/// <summary>The addresses at which node ports answer: those configured, or the machine's, which may change.</summary>
internal sealed class NodeAddresses : IDisposable
{
    private readonly IReadOnlyList<IPAddress> _configured;
    private readonly Action _changed;

    public NodeAddresses(IReadOnlyList<IPAddress> configured, Action changed)
    {
        _configured = configured;
        _changed = changed;
        Current = configured.Count > 0 ? configured : Read();
        if (configured.Count == 0)
        {
            NetworkChange.NetworkAddressChanged += OnChanged;
        }
    }

    /// <summary>As they were when last read.</summary>
    public IReadOnlyList<IPAddress> Current { get; private set; }

    /// <summary>Reads them again.</summary>
    public void Refresh() => Current = _configured.Count > 0 ? _configured : Read();

    public void Dispose() => NetworkChange.NetworkAddressChanged -= OnChanged;

    private static List<IPAddress> Read()
    {
        var addresses = new List<IPAddress>();
        foreach (var link in NetworkInterface.GetAllNetworkInterfaces())
        {
            foreach (var unicast in link.GetIPProperties().UnicastAddresses)
            {
                if (unicast.Address.AddressFamily == AddressFamily.InterNetwork)
                {
                    addresses.Add(unicast.Address);
                }
            }
        }

        return addresses;
    }

    private void OnChanged(object? sender, EventArgs args) => _changed();
}
