using Grpc.Core;
using Modular.Abstractions;
using Modular.PluginProcess.Http;

namespace Modular.PluginProcess.Contracts;

/// <summary>A plugin in another process as its contracts call it.</summary>
/// <param name="Self">Who it is.</param>
/// <param name="Channel">Leads to it.</param>
/// <param name="CallTimeout">How long a call may take.</param>
/// <param name="Generation">Another number than before: what the process said, or was told, may no longer hold.</param>
internal sealed record RemotePlugin(PluginIdentity Self, CallInvoker Channel, TimeSpan CallTimeout, Func<long> Generation)
{
    /// <summary>The optional features of its contracts that its manifest lists.</summary>
    public IReadOnlyList<string> Features { get; init; } = [];

    /// <summary>Leads requests of clients there; only the host has it.</summary>
    public Lazy<RequestForwarder>? Requests { get; init; }

    /// <summary>What failures call it.</summary>
    public string Who { get; init; } = $"the process of {Self.Id} {Self.Version}";

    /// <summary>Makes a call within its time.</summary>
    /// <exception cref="PluginProcessException">The process did not answer, or is not there.</exception>
    public ValueTask<TReply> CallAsync<TRequest, TReply>(Func<TRequest, CallOptions, AsyncUnaryCall<TReply>> call, TRequest request, CancellationToken cancellationToken) =>
        CallAsync(call, request, CallTimeout, cancellationToken);

    /// <summary>Makes a call that takes another time than most.</summary>
    /// <exception cref="PluginProcessException">The process did not answer, or is not there.</exception>
    public async ValueTask<TReply> CallAsync<TRequest, TReply>(
        Func<TRequest, CallOptions, AsyncUnaryCall<TReply>> call, TRequest request, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limited.CancelAfter(timeout);
        try
        {
            using var running = call(request, new CallOptions(cancellationToken: limited.Token));
            return await running.ResponseAsync.ConfigureAwait(false);
        }
        catch (RpcException) when (limited.IsCancellationRequested)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw Late(timeout);
        }
        catch (Exception e) when (e is RpcException or ObjectDisposedException)
        {
            throw Failure(e);
        }
    }

    /// <summary>What a failed call is to the caller.</summary>
    public PluginProcessException Failure(Exception error) =>
        new($"{Who} failed: {(error is RpcException call ? $"{call.StatusCode}: {call.Status.Detail}" : error.Message)}", error);

    public PluginProcessException Late() => Late(CallTimeout);

    public PluginProcessException Wrong(string what) => new($"{Who} {what}");

    private PluginProcessException Late(TimeSpan timeout) => new($"{Who} did not answer within {timeout.TotalSeconds:0.#} s");
}
