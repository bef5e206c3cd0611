using System.Net;
using Microsoft.Extensions.Logging;
using Modular.Abstractions;
using Modular.ApiServer;
using Modular.Models;

namespace Modular.Host.Cluster;

/// <summary>
/// Lets pods that have a network of their own reach the API: as soon as the node tells its address in that network, the API's certificate
/// holds for the address and the server listens there.
/// </summary>
internal sealed partial class PodListener(IApiClient api, ApiHttpServer server, ServerIdentity identity, IPEndPoint listen, ILogger log)
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(200);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            var address = await ListenAsync(cancellationToken);
            LogListening(log, address, listen.Port);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The host stops.
        }
    }

    // The address may be one of an earlier time, which the network has not made yet, or will not make again.
    private async Task<IPAddress> ListenAsync(CancellationToken cancellationToken)
    {
        await using var nodes = await api.OpenInformerAsync(
            new ResourceScope(KubernetesResources.Nodes) { FieldSelector = $"metadata.name={HostFacts.NodeName}" }, cancellationToken);
        var refused = "";
        while (true)
        {
            var told = nodes.Get("", HostFacts.NodeName)?.Metadata.Annotations.GetValueOrDefault(NodeAnnotations.PodNetworkAddress);
            if (IPAddress.TryParse(told, out var address))
            {
                try
                {
                    await ListenAsync(address, cancellationToken);
                    return address;
                }
                catch (AddressUnavailableException e) when (e.Message != refused)
                {
                    refused = e.Message;
                    LogNotListening(log, e.Message);
                }
                catch (AddressUnavailableException)
                {
                    // Said before.
                }
            }

            await Task.Delay(RetryDelay, cancellationToken);
        }
    }

    private async Task ListenAsync(IPAddress address, CancellationToken cancellationToken)
    {
        server.UseCertificate(identity.Issue([address]));
        // Who listens everywhere already listens there.
        if (!listen.Address.Equals(IPAddress.Any) && !listen.Address.Equals(IPAddress.IPv6Any) && !listen.Address.Equals(address))
        {
            await server.ListenAsync([new IPEndPoint(address, listen.Port)], cancellationToken);
        }
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Information, Message = "pods reach the API at address={Address} port={Port}")]
    private static partial void LogListening(ILogger log, IPAddress address, int port);

    [LoggerMessage(EventId = 2, Level = LogLevel.Warning, Message = "pods do not reach the API: {Reason}")]
    private static partial void LogNotListening(ILogger log, string reason);
}
