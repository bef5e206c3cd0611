using System.Runtime.CompilerServices;
using Grpc.Core;
using Modular.Abstractions;
using Protocol = Modular.PluginProcess.Protocol;

namespace Modular.PluginProcess.Contracts;

/// <summary>A container runtime in another process. That it is away is one more reason for which the runtime can't do what it was asked.</summary>
internal class RemoteContainerRuntime(RemotePlugin plugin) : IContainerRuntime
{
    // Namespaces, mounts, programs that must be killed: on a machine with much to do they take their time.
    private static readonly TimeSpan ChangeTimeout = TimeSpan.FromMinutes(2);

    // Beyond this a timer can't be set; it is as good as for ever.
    private static readonly TimeSpan LongestTimeout = TimeSpan.FromDays(30);

    private readonly Protocol.ContainerRuntime.ContainerRuntimeClient _client = new(plugin.Channel);

    /// <summary>The runtime with the features that its manifest lists.</summary>
    public static IContainerRuntime Of(RemotePlugin plugin) =>
        plugin.Features.Contains(typeof(IContainerStreams).FullName) ? new RemoteStreamingRuntime(plugin) : new RemoteContainerRuntime(plugin);

    public async ValueTask<RuntimeInfo> GetInfoAsync(CancellationToken cancellationToken)
    {
        var reply = await AskAsync(_client.GetInfoAsync, new Protocol.RuntimeInfoRequest(), plugin.CallTimeout, cancellationToken).ConfigureAwait(false);
        RuntimeMessages.ThrowIf(reply.Refusal);
        return RuntimeMessages.FromMessage(reply.Info ?? throw Unavailable(plugin.Wrong("says nothing of its runtime")));
    }

    public async ValueTask<string> EnsureImageAsync(ImageRequest request, CancellationToken cancellationToken)
    {
        // An image takes as long as it is large. A process that hangs is killed, which ends the call.
        var reply = await AskAsync(_client.EnsureImageAsync, RuntimeMessages.ToMessage(request), Timeout.InfiniteTimeSpan, cancellationToken).ConfigureAwait(false);
        RuntimeMessages.ThrowIf(reply.Refusal);
        return reply.Image;
    }

    public async ValueTask<SandboxState> EnsureSandboxAsync(SandboxSpec spec, CancellationToken cancellationToken)
    {
        var reply = await AskAsync(_client.EnsureSandboxAsync, RuntimeMessages.ToMessage(spec), ChangeTimeout, cancellationToken).ConfigureAwait(false);
        RuntimeMessages.ThrowIf(reply.Refusal);
        return RuntimeMessages.FromMessage(reply.Sandbox ?? throw Unavailable(plugin.Wrong("says nothing of a sandbox")));
    }

    public ValueTask StopSandboxAsync(string sandboxId, CancellationToken cancellationToken) =>
        ChangeAsync(_client.StopSandboxAsync, new Protocol.SandboxReference { SandboxId = sandboxId }, ChangeTimeout, cancellationToken);

    public ValueTask RemoveSandboxAsync(string sandboxId, CancellationToken cancellationToken) =>
        ChangeAsync(_client.RemoveSandboxAsync, new Protocol.SandboxReference { SandboxId = sandboxId }, ChangeTimeout, cancellationToken);

    public ValueTask EnsureContainerAsync(ContainerSpec spec, CancellationToken cancellationToken) =>
        ChangeAsync(_client.EnsureContainerAsync, RuntimeMessages.ToMessage(spec), ChangeTimeout, cancellationToken);

    public async ValueTask<ContainerState> StartContainerAsync(string containerId, CancellationToken cancellationToken)
    {
        var request = new Protocol.ContainerReference { ContainerId = containerId };
        var reply = await AskAsync(_client.StartContainerAsync, request, ChangeTimeout, cancellationToken).ConfigureAwait(false);
        RuntimeMessages.ThrowIf(reply.Refusal);
        return RuntimeMessages.FromMessage(reply.Container ?? throw Unavailable(plugin.Wrong("says nothing of a container")));
    }

    public ValueTask StopContainerAsync(string containerId, TimeSpan grace, CancellationToken cancellationToken)
    {
        grace = grace < TimeSpan.Zero ? TimeSpan.Zero : grace;
        var request = new Protocol.StopContainerRequest { ContainerId = containerId, Grace = (long)grace.TotalMilliseconds };
        return ChangeAsync(_client.StopContainerAsync, request, grace < LongestTimeout ? grace + ChangeTimeout : LongestTimeout, cancellationToken);
    }

    public ValueTask RemoveContainerAsync(string containerId, CancellationToken cancellationToken) =>
        ChangeAsync(_client.RemoveContainerAsync, new Protocol.ContainerReference { ContainerId = containerId }, ChangeTimeout, cancellationToken);

    public async ValueTask<RuntimeState> ListAsync(CancellationToken cancellationToken)
    {
        var reply = await AskAsync(_client.ListAsync, new Protocol.ListContainersRequest(), plugin.CallTimeout, cancellationToken).ConfigureAwait(false);
        RuntimeMessages.ThrowIf(reply.Refusal);
        return RuntimeMessages.FromMessage(reply.State ?? throw Unavailable(plugin.Wrong("says nothing of what it has")));
    }

    public async IAsyncEnumerable<RuntimeEvent> WatchAsync(long after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var call = _client.Watch(new Protocol.WatchContainersRequest { After = after }, cancellationToken: cancellationToken);
        while (await NextAsync(call.ResponseStream, cancellationToken).ConfigureAwait(false))
        {
            var reply = call.ResponseStream.Current;
            RuntimeMessages.ThrowIf(reply.Refusal);
            yield return RuntimeMessages.FromMessage(reply.Event ?? new Protocol.RuntimeEvent());
        }
    }

    /// <summary>To who uses a runtime, a process that does not do its part is a runtime that refuses.</summary>
    protected static RuntimeException Unavailable(PluginProcessException error) => new("RuntimeUnavailable", error.Message);

    private async ValueTask ChangeAsync<TRequest>(
        Func<TRequest, CallOptions, AsyncUnaryCall<Protocol.RuntimeReply>> call, TRequest request, TimeSpan timeout, CancellationToken cancellationToken) =>
        RuntimeMessages.ThrowIf((await AskAsync(call, request, timeout, cancellationToken).ConfigureAwait(false)).Refusal);

    private async ValueTask<TReply> AskAsync<TRequest, TReply>(
        Func<TRequest, CallOptions, AsyncUnaryCall<TReply>> call, TRequest request, TimeSpan timeout, CancellationToken cancellationToken)
    {
        try
        {
            return await plugin.CallAsync(call, request, timeout, cancellationToken).ConfigureAwait(false);
        }
        catch (PluginProcessException e)
        {
            throw Unavailable(e);
        }
    }

    private async ValueTask<bool> NextAsync(IAsyncStreamReader<Protocol.WatchContainersReply> replies, CancellationToken cancellationToken)
    {
        try
        {
            return await replies.MoveNext(cancellationToken).ConfigureAwait(false);
        }
        catch (RpcException) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        catch (Exception e) when (e is RpcException or IOException)
        {
            throw Unavailable(plugin.Failure(e));
        }
    }
}
