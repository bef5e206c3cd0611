using System.Text.Json.Nodes;
using Modular.Models;

namespace Modular.Plugins.Controllers.ServiceEndpoints;

/// <summary>Endpoints in the older form: addresses that share their ports, the ready ones apart from the others, in a fixed order.</summary>
internal sealed class EndpointSubsets
{
    private readonly List<Subset> _subsets = [];

    /// <param name="backends">Who answers, and at which ports.</param>
    /// <param name="capacity">The most addresses; the ready ones come first.</param>
    public EndpointSubsets(IEnumerable<(Backend Backend, PortSet Ports)> backends, int capacity)
    {
        var ordered = backends
            .OrderByDescending(pod => pod.Backend.Ready)
            .ThenBy(pod => pod.Backend.Address, StringComparer.Ordinal)
            .ThenBy(pod => pod.Backend.Target?.Uid, StringComparer.Ordinal)
            .ToList();
        AreTruncated = ordered.Count > capacity;
        foreach (var group in ordered.Take(capacity).GroupBy(pod => pod.Ports).OrderBy(group => group.Key.ToString(), StringComparer.Ordinal))
        {
            // The older form knows neither of an end that has begun nor of service while it lasts.
            _subsets.Add(new Subset(group.Key, [.. group.Select(pod => pod.Backend with { Serving = null, Terminating = null })]));
        }
    }

    private EndpointSubsets(Endpoints endpoints)
    {
        foreach (var subset in endpoints.Subsets)
        {
            _subsets.Add(new Subset(
                PortSet.Of(subset.Ports),
                [
                    .. subset.Addresses.Select(address => Backend.Of(address, ready: true)),
                    .. subset.NotReadyAddresses.Select(address => Backend.Of(address, ready: false)),
                ]));
        }
    }

    /// <summary>Whether some did not fit.</summary>
    public bool AreTruncated { get; }

    /// <summary>Whether an object says exactly this.</summary>
    public bool AreThoseOf(Endpoints endpoints)
    {
        var others = new EndpointSubsets(endpoints)._subsets;
        return _subsets.Count == others.Count
            && _subsets.Zip(others).All(pair => pair.First.Ports.Equals(pair.Second.Ports) && pair.First.Backends.SequenceEqual(pair.Second.Backends));
    }

    public JsonArray ToJson()
    {
        var subsets = new JsonArray();
        foreach (var subset in _subsets)
        {
            var json = new JsonObject();
            Add("addresses", ready: true);
            Add("notReadyAddresses", ready: false);
            if (subset.Ports.Ports.Count > 0)
            {
                json["ports"] = subset.Ports.ToJson();
            }

            subsets.Add((JsonNode)json);

            void Add(string member, bool ready)
            {
                var addresses = subset.Backends.Where(backend => backend.Ready == ready).Select(backend => backend.ToAddressJson()).ToArray<JsonNode?>();
                if (addresses.Length > 0)
                {
                    json[member] = new JsonArray(addresses);
                }
            }
        }

        return subsets;
    }

    private sealed record Subset(PortSet Ports, IReadOnlyList<Backend> Backends);
}
