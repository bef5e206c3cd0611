using System.Globalization;
using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Net.Client;
using Modular.Models;

namespace Modular.Plugins.NodeAgent.Probes;

/// <summary>Asks a container's gRPC health service, over a connection of its own.</summary>
internal static class GrpcProbe
{
    public static async Task<ProbeAnswer> AskAsync(GrpcAction action, string address, CancellationToken cancellationToken)
    {
        var options = new GrpcChannelOptions
        {
            HttpHandler = new SocketsHttpHandler { UseProxy = false },
            DisposeHttpClient = true,
            ThrowOperationCanceledOnCancellation = true,
        };
        using var channel = GrpcChannel.ForAddress(string.Create(CultureInfo.InvariantCulture, $"http://{address}:{action.Port}"), options);
        try
        {
            var question = new HealthCheckRequest { Service = action.Service };
            var answer = await new Health.HealthClient(channel).CheckAsync(question, cancellationToken: cancellationToken).ConfigureAwait(false);
            return answer.Status == HealthCheckResponse.Types.ServingStatus.Serving
                ? new ProbeAnswer(true, "")
                : new ProbeAnswer(false, $"service unhealthy (responded with \"{Name(answer.Status)}\")");
        }
        catch (RpcException exception) when (exception.StatusCode == StatusCode.Unimplemented)
        {
            return new ProbeAnswer(false, $"error: this server does not implement the grpc health protocol (grpc.health.v1.Health): {exception.Status.Detail}");
        }
        catch (RpcException exception)
        {
            return new ProbeAnswer(false, $"error: health rpc probe failed: {exception.Status.Detail}");
        }
    }

    private static string Name(HealthCheckResponse.Types.ServingStatus status) => status switch
    {
        HealthCheckResponse.Types.ServingStatus.NotServing => "NOT_SERVING",
        HealthCheckResponse.Types.ServingStatus.ServiceUnknown => "SERVICE_UNKNOWN",
        _ => "UNKNOWN",
    };
}
