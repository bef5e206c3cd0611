using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;

namespace Modular.ApiServer;

/// <summary>Answers a request that failed, and logs what nobody expected.</summary>
internal sealed partial class FailureResponse(ILogger log, long bodyLimit)
{
    /// <summary>Answers with the failure's Status if the answer has not begun; otherwise cuts it off, so that nobody takes half for the whole.</summary>
    public async Task WriteAsync(HttpContext context, Exception failure)
    {
        if (context.RequestAborted.IsCancellationRequested || failure is ConnectionResetException)
        {
            return;
        }

        var status = StatusOf(context, failure);
        if (context.Response.HasStarted)
        {
            LogCutOff(context.Request.Method, context.Request.Path, status.Message);
            context.Abort();
            return;
        }

        try
        {
            context.Response.Clear();
            context.Response.Headers.CacheControl = "no-cache, private";
            await StatusResponse.WriteAsync(context, status).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The client left before it got the answer.
        }
    }

    private ApiStatus StatusOf(HttpContext context, Exception failure)
    {
        switch (failure)
        {
            case ApiException { Reason: StatusReason.InternalError, InnerException: not null } e:
                LogUnexpected(e, context.TraceIdentifier, context.Request.Method, context.Request.Path);
                return e.Status;
            case ApiException e:
                return e.Status;
            case BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge }:
                return new ApiStatus(StatusReason.RequestEntityTooLarge, $"Request entity too large: limit is {bodyLimit}");
            case BadHttpRequestException e:
                return new ApiStatus(StatusReason.BadRequest, e.Message);
            case ContractUnavailableException e:
                return new ApiStatus(StatusReason.ServiceUnavailable, e.Message);
            default:
                LogUnexpected(failure, context.TraceIdentifier, context.Request.Method, context.Request.Path);
                return new ApiStatus(StatusReason.InternalError,
                    $"Internal error occurred: the server's log explains it under request {context.TraceIdentifier}");
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Request {RequestId} failed: {Method} {Path}")]
    private partial void LogUnexpected(Exception failure, string requestId, string method, PathString path);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Answer to {Method} {Path} was cut off: {Reason}")]
    private partial void LogCutOff(string method, PathString path, string reason);
}
