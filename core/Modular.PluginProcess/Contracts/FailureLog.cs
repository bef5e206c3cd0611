using Grpc.Core;
using Grpc.Core.Interceptors;
using Microsoft.Extensions.Logging;

namespace Modular.PluginProcess.Contracts;

/// <summary>
/// Logs what a plugin throws out of a call, which the host hears of in one line only. The server's own log of failed calls is off: it
/// can't tell a plugin that failed from a host that gave a call up.
/// </summary>
internal sealed partial class FailureLog(ILogger log) : Interceptor
{
    public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation) =>
        ObserveAsync(continuation(request, context), context);

    public override async Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, ServerStreamingServerMethod<TRequest, TResponse> continuation) =>
        await ObserveAsync(continuation(request, responseStream, context), context);

    public override async Task DuplexStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, DuplexStreamingServerMethod<TRequest, TResponse> continuation) =>
        await ObserveAsync(continuation(requestStream, responseStream, context), context);

    private async Task<T> ObserveAsync<T>(Task<T> call, ServerCallContext context)
    {
        await ObserveAsync((Task)call, context);
        return await call;
    }

    private async Task ObserveAsync(Task call, ServerCallContext context)
    {
        try
        {
            await call;
        }
        catch (Exception e) when (e is not RpcException)
        {
            if (!context.CancellationToken.IsCancellationRequested)
            {
                LogFailed(log, context.Method, e);
            }

            throw;
        }
    }

    [LoggerMessage(LogLevel.Error, "call failed method={Method}")]
    private static partial void LogFailed(ILogger log, string method, Exception error);
}
