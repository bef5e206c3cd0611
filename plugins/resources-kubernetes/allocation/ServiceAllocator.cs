using System.Text.Json.Nodes;
using Modular.Plugins.ResourcesKubernetes.Strategies;

namespace Modular.Plugins.ResourcesKubernetes.Allocation;

/// <summary>
/// Gives services their virtual addresses and node ports. What is taken follows from the services there are; nothing else is kept, so
/// nothing can leak. Thread-safe.
/// </summary>
internal sealed class ServiceAllocator(string addressRange, TimeProvider time)
{
    private const int FirstNodePort = 30000;
    private const int LastNodePort = 32767;
    // As Kubernetes divides the range: the first 86 are for those who choose.
    private const int FirstAutomaticNodePort = FirstNodePort + 86;

    private readonly AddressPool _addresses = new(addressRange, time);
    private readonly Pool _ports = new(FirstNodePort, LastNodePort, FirstAutomaticNodePort, time);
    private readonly Dictionary<string, ServiceHoldings> _holdings = new(StringComparer.Ordinal);
    private readonly TaskCompletionSource _synced = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Follows the services there are until the informer ends.</summary>
    public async Task FollowAsync(IInformer services, CancellationToken cancellationToken)
    {
        await foreach (var change in services.ReadEventsAsync(cancellationToken).ConfigureAwait(false))
        {
            if (change.Type == WatchEventType.Bookmark)
            {
                _synced.TrySetResult();
            }
            else
            {
                Hold(change.Object.Metadata.Uid, change.Type == WatchEventType.Deleted ? ServiceHoldings.None : ServiceHoldings.Of(change.Object.ToJsonObject()));
            }
        }
    }

    /// <summary>Nobody tells any more which services there are: from now on none is given anything.</summary>
    public void Abandon(Exception why) => _synced.TrySetException(new ApiException(
        StatusReason.ServiceUnavailable, $"what services hold is not known, so nothing can be given to another: {why.Message}"));

    /// <summary>Takes what a service needs and does not hold yet, and writes it into the service.</summary>
    public async ValueTask<IReservation> ReserveAsync(JsonObject service, JsonObject? old, FieldErrors errors, CancellationToken cancellationToken)
    {
        await _synced.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        var reservation = new Reservation();
        try
        {
            var held = old is null ? ServiceHoldings.None : ServiceHoldings.Of(old);
            ReserveAddress(service.GetOrAddObject("spec"), held, reservation, errors);
            ReservePorts(service.GetOrAddObject("spec"), held, reservation, errors);
            return reservation;
        }
        catch
        {
            reservation.Dispose();
            throw;
        }
    }

    private void ReserveAddress(JsonObject spec, ServiceHoldings held, Reservation reservation, FieldErrors errors)
    {
        var wanted = spec.GetString("clusterIP") ?? "";
        if (spec.GetString("type") == "ExternalName" || wanted == "None")
        {
            return;
        }

        if (wanted.Length == 0)
        {
            var given = _addresses.Values.ReserveAny() ?? throw Exhausted("a serviceIP");
            reservation.Add(_addresses.Values, given);
            spec["clusterIP"] = AddressPool.Text(given);
            spec["clusterIPs"] = new JsonArray(AddressPool.Text(given));
            return;
        }

        if (AddressPool.Number(wanted) is not { } address || held.Addresses.Contains(address))
        {
            return;
        }

        if (!_addresses.Values.Contains(address))
        {
            Refuse($"the provided IP ({wanted}) is not in the valid range. The range of valid IPs is {_addresses}");
        }
        else if (!_addresses.Values.TryReserve(address))
        {
            Refuse("provided IP is already allocated");
        }
        else
        {
            reservation.Add(_addresses.Values, address);
        }

        void Refuse(string why) => errors.Invalid("spec.clusterIPs", new JsonArray(wanted), $"failed to allocate IP {wanted}: {why}");
    }

    private void ReservePorts(JsonObject spec, ServiceHoldings held, Reservation reservation, FieldErrors errors)
    {
        var taken = new HashSet<long>(held.NodePorts);
        var byPort = new Dictionary<long, long>();
        foreach (var port in spec.Objects("ports"))
        {
            if (port.GetInt64("nodePort") is > 0 and var chosen)
            {
                byPort.TryAdd(port.GetInt64("port") ?? 0, chosen);
                ReserveChosen(port.FieldPath("nodePort"), chosen, taken, reservation, errors);
            }
        }

        if (NodePortRules.HasHealthCheck(spec) && spec.GetInt64("healthCheckNodePort") is > 0 and var healthCheck)
        {
            ReserveChosen("spec.healthCheckNodePort", healthCheck, taken, reservation, errors);
        }

        if (errors.Any)
        {
            return;
        }

        if (NodePortRules.AreAllocated(spec))
        {
            GivePorts(spec, byPort, reservation);
        }

        if (NodePortRules.HasHealthCheck(spec) && spec.GetInt64("healthCheckNodePort") is null or 0)
        {
            spec["healthCheckNodePort"] = ReserveAnyPort(reservation);
        }
    }

    // The same port over another protocol is found at the same port of the node.
    private void GivePorts(JsonObject spec, Dictionary<long, long> byPort, Reservation reservation)
    {
        foreach (var port in spec.Objects("ports"))
        {
            if (port.GetInt64("nodePort") is null or 0)
            {
                var number = port.GetInt64("port") ?? 0;
                if (!byPort.TryGetValue(number, out var given))
                {
                    byPort[number] = given = ReserveAnyPort(reservation);
                }

                port["nodePort"] = given;
            }
        }
    }

    private void ReserveChosen(string path, long port, HashSet<long> taken, Reservation reservation, FieldErrors errors)
    {
        if (!taken.Add(port))
        {
            return;
        }

        if (!_ports.Contains(port))
        {
            errors.Invalid(path, port, $"provided port is not in the valid range. The range of valid ports is {FirstNodePort}-{LastNodePort}");
        }
        else if (!_ports.TryReserve(port))
        {
            errors.Invalid(path, port, "provided port is already allocated");
        }
        else
        {
            reservation.Add(_ports, port);
        }
    }

    private long ReserveAnyPort(Reservation reservation)
    {
        var given = _ports.ReserveAny() ?? throw Exhausted("a nodePort");
        reservation.Add(_ports, given);
        return given;
    }

    private void Hold(string uid, ServiceHoldings now)
    {
        var before = _holdings.GetValueOrDefault(uid, ServiceHoldings.None);
        Exchange(_addresses.Values, before.Addresses, now.Addresses);
        Exchange(_ports, before.NodePorts, now.NodePorts);
        if (now == ServiceHoldings.None)
        {
            _holdings.Remove(uid);
        }
        else
        {
            _holdings[uid] = now;
        }
    }

    private static void Exchange(Pool pool, IReadOnlySet<long> before, IReadOnlySet<long> now)
    {
        foreach (var value in now)
        {
            if (!before.Contains(value))
            {
                pool.Hold(value);
            }
        }

        foreach (var value in before)
        {
            if (!now.Contains(value))
            {
                pool.Release(value);
            }
        }
    }

    private static ApiException Exhausted(string what) =>
        new(StatusReason.InternalError, $"Internal error occurred: failed to allocate {what}: range is full");

    private sealed class Reservation : IReservation
    {
        private readonly List<(Pool Pool, long Value)> _values = [];
        private bool _kept;

        public void Add(Pool pool, long value) => _values.Add((pool, value));

        public void Keep() => _kept = true;

        public void Dispose()
        {
            foreach (var (pool, value) in _values)
            {
                pool.End(value, _kept);
            }

            _values.Clear();
        }
    }
}
