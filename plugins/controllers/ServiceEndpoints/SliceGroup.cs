namespace Modular.Plugins.Controllers.ServiceEndpoints;

/// <summary>What the endpoints of one slice have in common.</summary>
/// <param name="AddressType">IPv4 or IPv6.</param>
/// <param name="Ports">The ports.</param>
internal readonly record struct SliceGroup(string AddressType, PortSet Ports)
{
    /// <summary>Endpoints by what they have in common.</summary>
    public static Dictionary<SliceGroup, List<Backend>> Of(IEnumerable<(Backend Backend, PortSet Ports)> endpoints)
    {
        var groups = new Dictionary<SliceGroup, List<Backend>>();
        foreach (var (backend, ports) in endpoints)
        {
            var group = new SliceGroup(backend.AddressType, ports);
            if (!groups.TryGetValue(group, out var backends))
            {
                groups[group] = backends = [];
            }

            backends.Add(backend);
        }

        return groups;
    }
}
