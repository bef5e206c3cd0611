using System.Net;
using Microsoft.Extensions.Logging;
using Modular.Abstractions;
using Modular.ApiServer;

namespace Modular.Host.Cluster;

/// <summary>
/// Lets pods that have a network of their own reach the API: as soon as the pod network tells the node's address in it, the API's certificate
/// holds for that address and the server listens there.
/// </summary>
internal sealed partial class PodListener(ContractHandle<IPodNetwork> network, ApiHttpServer server, ServerIdentity identity, IPEndPoint listen, ILogger log)
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(200);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            var address = await AddressAsync(cancellationToken);
            server.UseCertificate(identity.Issue([address]));
            // Who listens everywhere already listens there.
            if (!listen.Address.Equals(IPAddress.Any) && !listen.Address.Equals(IPAddress.IPv6Any) && !listen.Address.Equals(address))
            {
                await server.ListenAsync([new IPEndPoint(address, listen.Port)], cancellationToken);
            }

            LogListening(log, address, listen.Port);
        }
        catch (AddressUnavailableException e)
        {
            LogNotListening(log, e.Message);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The host stops.
        }
    }

    private async Task<IPAddress> AddressAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                if (network.TryAcquire(out var lease))
                {
                    using (lease)
                    {
                        return IPAddress.Parse((await lease.Value.GetInfoAsync(cancellationToken)).NodeAddress);
                    }
                }
            }
            catch (PodNetworkException)
            {
                // Its plugin says why.
            }

            await Task.Delay(RetryDelay, cancellationToken);
        }
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Information, Message = "pods reach the API at address={Address} port={Port}")]
    private static partial void LogListening(ILogger log, IPAddress address, int port);

    [LoggerMessage(EventId = 2, Level = LogLevel.Warning, Message = "pods do not reach the API: {Reason}")]
    private static partial void LogNotListening(ILogger log, string reason);
}
