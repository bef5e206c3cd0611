using Grpc.Core;
using Modular.Abstractions;
using Protocol = Modular.PluginProcess.Protocol;

namespace Modular.PluginProcess.Contracts;

/// <summary>Answers for the container runtime that this process's plugin provides.</summary>
internal sealed class ContainerRuntimeService(IContractSource contracts) : Protocol.ContainerRuntime.ContainerRuntimeBase
{
    private IContainerRuntime Runtime => contracts.Get<IContainerRuntime>();

    public override Task<Protocol.RuntimeInfoReply> GetInfo(Protocol.RuntimeInfoRequest request, ServerCallContext context) => AnswerAsync(
        async () => new() { Info = RuntimeMessages.ToMessage(await Runtime.GetInfoAsync(context.CancellationToken)) },
        refusal => new Protocol.RuntimeInfoReply { Refusal = refusal });

    public override Task<Protocol.ImageReply> EnsureImage(Protocol.ImageRequest request, ServerCallContext context) => AnswerAsync(
        async () => new() { Image = await Runtime.EnsureImageAsync(RuntimeMessages.FromMessage(request), context.CancellationToken) },
        refusal => new Protocol.ImageReply { Refusal = refusal });

    public override Task<Protocol.SandboxReply> EnsureSandbox(Protocol.SandboxSpec request, ServerCallContext context) => AnswerAsync(
        async () => new() { Sandbox = RuntimeMessages.ToMessage(await Runtime.EnsureSandboxAsync(RuntimeMessages.FromMessage(request), context.CancellationToken)) },
        refusal => new Protocol.SandboxReply { Refusal = refusal });

    public override Task<Protocol.RuntimeReply> StopSandbox(Protocol.SandboxReference request, ServerCallContext context) =>
        ChangeAsync(() => Runtime.StopSandboxAsync(request.SandboxId, context.CancellationToken));

    public override Task<Protocol.RuntimeReply> RemoveSandbox(Protocol.SandboxReference request, ServerCallContext context) =>
        ChangeAsync(() => Runtime.RemoveSandboxAsync(request.SandboxId, context.CancellationToken));

    public override Task<Protocol.RuntimeReply> EnsureContainer(Protocol.ContainerSpec request, ServerCallContext context) =>
        ChangeAsync(() => Runtime.EnsureContainerAsync(RuntimeMessages.FromMessage(request), context.CancellationToken));

    public override Task<Protocol.ContainerReply> StartContainer(Protocol.ContainerReference request, ServerCallContext context) => AnswerAsync(
        async () => new() { Container = RuntimeMessages.ToMessage(await Runtime.StartContainerAsync(request.ContainerId, context.CancellationToken)) },
        refusal => new Protocol.ContainerReply { Refusal = refusal });

    public override Task<Protocol.RuntimeReply> StopContainer(Protocol.StopContainerRequest request, ServerCallContext context) =>
        ChangeAsync(() => Runtime.StopContainerAsync(request.ContainerId, TimeSpan.FromMilliseconds(request.Grace), context.CancellationToken));

    public override Task<Protocol.RuntimeReply> RemoveContainer(Protocol.ContainerReference request, ServerCallContext context) =>
        ChangeAsync(() => Runtime.RemoveContainerAsync(request.ContainerId, context.CancellationToken));

    public override Task<Protocol.ListContainersReply> List(Protocol.ListContainersRequest request, ServerCallContext context) => AnswerAsync(
        async () => new() { State = RuntimeMessages.ToMessage(await Runtime.ListAsync(context.CancellationToken)) },
        refusal => new Protocol.ListContainersReply { Refusal = refusal });

    public override async Task Watch(
        Protocol.WatchContainersRequest request, IServerStreamWriter<Protocol.WatchContainersReply> replies, ServerCallContext context)
    {
        var stop = context.CancellationToken;
        try
        {
            await foreach (var entry in Runtime.WatchAsync(request.After, stop))
            {
                await replies.WriteAsync(new() { Event = RuntimeMessages.ToMessage(entry) }, stop);
            }
        }
        catch (RuntimeException refusal)
        {
            await replies.WriteAsync(new() { Refusal = RuntimeMessages.ToMessage(refusal) }, stop);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException && stop.IsCancellationRequested)
        {
            // The host has seen enough, or is gone.
        }
    }

    private static Task<Protocol.RuntimeReply> ChangeAsync(Func<ValueTask> change) => AnswerAsync(
        async () =>
        {
            await change();
            return new();
        },
        refusal => new Protocol.RuntimeReply { Refusal = refusal });

    private static async Task<TReply> AnswerAsync<TReply>(Func<Task<TReply>> answer, Func<Protocol.RuntimeRefusal, TReply> refuse)
    {
        try
        {
            return await answer();
        }
        catch (RuntimeException refusal)
        {
            return refuse(RuntimeMessages.ToMessage(refusal));
        }
    }
}
