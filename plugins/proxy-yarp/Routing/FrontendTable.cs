using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Modular.Abstractions;

namespace Modular.Plugins.ProxyYarp.Routing;

/// <summary>What answers where, and for whom. One caller at a time.</summary>
internal sealed class FrontendTable(IListeners listeners, Func<ListenerLease, PortBinding, IFrontend> open, ProxyMetrics metrics) : IAsyncDisposable
{
    private readonly Dictionary<(IPEndPoint, ProtocolType), Frontend> _frontends = [];

    /// <summary>Gives up what a service does not want any more.</summary>
    public async ValueTask ReleaseAsync(ServedService service)
    {
        foreach (var binding in service.Held.Except(service.Wanted).ToList())
        {
            service.Held.Remove(binding);
            if (_frontends.Remove(binding.Key, out var frontend))
            {
                metrics.Listeners(-1);
                await frontend.Listener.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    /// <summary>Gets what a service wants and does not have, and says what cannot be had.</summary>
    public void Acquire(ServedService service, List<ServiceProblem> problems)
    {
        foreach (var binding in service.Wanted)
        {
            if (service.Held.Contains(binding))
            {
                continue;
            }

            if (_frontends.TryGetValue(binding.Key, out var other))
            {
                problems.Add(Problem(service, binding, "PortInUse", $"{binding.EndPoint} belongs to service {other.Owner}"));
                continue;
            }

            try
            {
                var lease = listeners.Acquire(binding.EndPoint, binding.Transport);
                _frontends[binding.Key] = new Frontend(open(lease, binding), $"{service.Record.Namespace}/{service.Record.Name}");
                service.Held.Add(binding);
                metrics.Listeners(1);
            }
            catch (SocketException error)
            {
                var (reason, message) = Explain(binding, error);
                problems.Add(Problem(service, binding, reason, message));
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var frontend in _frontends.Values)
        {
            await frontend.Listener.DisposeAsync().ConfigureAwait(false);
        }

        metrics.Listeners(-_frontends.Count);
        _frontends.Clear();
    }

    private static ServiceProblem Problem(ServedService service, PortBinding binding, string reason, string message) =>
        new(service.Record.Uid, binding.Port, reason, message);

    private static (string Reason, string Message) Explain(PortBinding binding, SocketException error) => error.SocketErrorCode switch
    {
        SocketError.AccessDenied => ("PortNotPermitted", string.Create(
            CultureInfo.InvariantCulture, $"port {binding.EndPoint.Port} takes root; use a port from 1024 on, or run the cluster as root")),
        SocketError.AddressAlreadyInUse => ("PortInUse", $"another process listens on {binding.EndPoint}"),
        SocketError.AddressNotAvailable => ("AddressNotAvailable", $"{binding.EndPoint.Address} is not an address of this machine"),
        _ => ("NotServed", $"{binding.EndPoint} cannot be opened: {error.Message}"),
    };

    private sealed record Frontend(IFrontend Listener, string Owner);
}
