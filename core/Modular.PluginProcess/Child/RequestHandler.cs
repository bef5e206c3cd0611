using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Modular.Abstractions.Http;
using Modular.ApiMachinery;
using Modular.PluginProcess.Contracts;
using Modular.PluginProcess.Http;

namespace Modular.PluginProcess.Child;

/// <summary>Has the plugin of this process answer the requests that the host forwards, and turns what it throws into what an API server would answer.</summary>
internal sealed partial class RequestHandler(IContractSource contracts, ILogger log)
{
    private static readonly string NodeEndpoint = ContractAdapter.NameOf(typeof(INodeEndpoint));

    public async Task HandleAsync(HttpContext context)
    {
        try
        {
            var contract = ForwardedRequest.Read(context);
            await (contract == NodeEndpoint ? contracts.Get<INodeEndpoint>().HandleAsync(context) : contracts.Get<IHttpEndpoints>().HandleAsync(context));
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client has gone.
        }
        catch (Exception e) when (context.Response.HasStarted)
        {
            LogCutOff(context.Request.Method, context.Request.Path, e);
            context.Abort();
        }
        catch (Exception e)
        {
            await StatusAnswer.WriteAsync(context, StatusOf(context, e));
        }
    }

    private ApiStatus StatusOf(HttpContext context, Exception failure)
    {
        switch (failure)
        {
            case ApiException e:
                return e.Status;
            case BadHttpRequestException e:
                return new ApiStatus(StatusReason.BadRequest, e.Message);
            case RpcException e:
                return new ApiStatus(StatusReason.ServiceUnavailable, e.Status.Detail) { RetryAfterSeconds = 1 };
            default:
                LogFailed(context.Request.Method, context.Request.Path, failure);
                return new ApiStatus(StatusReason.InternalError, $"Internal error occurred: the plugin's log explains it under {context.Request.Method} {context.Request.Path}");
        }
    }

    [LoggerMessage(LogLevel.Error, "request failed: {Method} {Path}")]
    private partial void LogFailed(string method, PathString path, Exception error);

    [LoggerMessage(LogLevel.Error, "answer to {Method} {Path} was cut off")]
    private partial void LogCutOff(string method, PathString path, Exception error);
}
