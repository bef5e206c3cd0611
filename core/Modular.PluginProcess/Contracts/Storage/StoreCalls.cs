using Grpc.Core;

namespace Modular.PluginProcess.Contracts;

/// <summary>
/// Calls of a store's process, which wait while that is started again: nothing in a cluster goes on without its store, and a moment later there is one.
/// </summary>
internal sealed class StoreCalls(RemotePlugin plugin)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>Makes a call that can be made twice: again if its answer is lost.</summary>
    /// <exception cref="PluginProcessException">It was not answered in time, or failed.</exception>
    public async ValueTask<TReply> RepeatAsync<TRequest, TReply>(
        Func<TRequest, CallOptions, AsyncUnaryCall<TReply>> call, TRequest request, CancellationToken cancellationToken)
    {
        using var limited = Limit(cancellationToken);
        while (true)
        {
            try
            {
                using var running = call(request, new CallOptions(cancellationToken: limited.Token));
                return await running.ResponseAsync.ConfigureAwait(false);
            }
            catch (RpcException e)
            {
                await WaitAsync(IsLost(e), e, limited.Token, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Makes a call that must not be made twice: again only if it was not sent. What was sent is not cancelled.</summary>
    /// <returns>Null if it was sent and not answered, so that nobody knows.</returns>
    /// <exception cref="PluginProcessException">It was not sent, and nothing was done.</exception>
    /// <exception cref="ArgumentException">It asks for what makes no sense, and nothing was done.</exception>
    public async ValueTask<TReply?> SendOnceAsync<TRequest, TReply>(
        Func<TRequest, CallOptions, AsyncUnaryCall<TReply>> call, TRequest request, CancellationToken cancellationToken)
        where TReply : class
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var limited = Limit(cancellationToken);
        while (true)
        {
            try
            {
                using var answered = Limit(CancellationToken.None);
                using var running = call(request, new CallOptions(cancellationToken: answered.Token));
                return await running.ResponseAsync.ConfigureAwait(false);
            }
            catch (RpcException e) when (e.StatusCode == StatusCode.InvalidArgument)
            {
                throw new ArgumentException(e.Status.Detail, e);
            }
            catch (RpcException e) when (!IsUnsent(e))
            {
                return null;
            }
            catch (RpcException e)
            {
                await WaitAsync(isWorthIt: true, e, limited.Token, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Whether a call ended because there is no process, or no longer.</summary>
    public static bool IsLost(RpcException error) => error.Status.DebugException is HttpRequestException or IOException || IsUnsent(error);

    // A process that is not provisioned yet provides nothing.
    private static bool IsUnsent(RpcException error) => error.StatusCode == StatusCode.Unimplemented
        || error.Status.DebugException is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError };

    private CancellationTokenSource Limit(CancellationToken cancellationToken)
    {
        var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limited.CancelAfter(plugin.CallTimeout);
        return limited;
    }

    private async Task WaitAsync(bool isWorthIt, RpcException error, CancellationToken limited, CancellationToken cancellationToken)
    {
        if (isWorthIt && !limited.IsCancellationRequested)
        {
            await Task.Delay(Pause, limited).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        cancellationToken.ThrowIfCancellationRequested();
        if (limited.IsCancellationRequested)
        {
            throw plugin.Late();
        }

        if (!isWorthIt)
        {
            throw plugin.Failure(error);
        }
    }
}
