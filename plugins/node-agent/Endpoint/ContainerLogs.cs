using System.Buffers;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Modular.Abstractions;
using Modular.ApiMachinery;
using Modular.Models;
using Modular.Plugins.NodeAgent.Containers;
using ContainerState = Modular.Abstractions.ContainerState;

namespace Modular.Plugins.NodeAgent.Endpoint;

/// <summary>Streams a container's log.</summary>
internal sealed class ContainerLogs(AgentServices services)
{
    public async Task HandleAsync(HttpContext context, ApiObject pod, Container container)
    {
        var options = LogOptions.Read(context.Request.Query, services.Time.GetUtcNow());
        var state = Choose(pod, container, options);
        context.Response.ContentType = "text/plain";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        await context.Response.StartAsync(context.RequestAborted).ConfigureAwait(false);
        await new LogReader(state.LogPath, options, context.Response.BodyWriter, () => HasEnded(state)).CopyAsync(Subscribe, context.RequestAborted)
            .ConfigureAwait(false);

        // A follower is woken when its container changes; new output wakes it by itself.
        IDisposable Subscribe(Action wake)
        {
            void OnChanged(string? sandbox)
            {
                if (sandbox is null || sandbox == state.SandboxId)
                {
                    wake();
                }
            }

            services.Runtime.Changed += OnChanged;
            return new Subscription(() => services.Runtime.Changed -= OnChanged);
        }
    }

    private bool HasEnded(ContainerState state) =>
        services.Runtime.Containers(state.SandboxId).FirstOrDefault(container => container.Id == state.Id) is not { Phase: ContainerPhase.Running or ContainerPhase.Created };

    private ContainerState Choose(ApiObject pod, Container container, LogOptions options)
    {
        var attempts = services.Runtime.Containers(ContainerId.Sandbox(pod.Metadata.Uid))
            .Where(state => state.Name == container.Name && state.Phase != ContainerPhase.Created)
            .OrderByDescending(state => state.Attempt)
            .ToArray();
        var index = options.Previous ? 1 : 0;
        if (index < attempts.Length)
        {
            return attempts[index];
        }

        throw new ApiException(
            StatusReason.BadRequest,
            options.Previous
                ? $"previous terminated container \"{container.Name}\" in pod \"{pod.Metadata.Name}\" not found"
                : $"container \"{container.Name}\" in pod \"{pod.Metadata.Name}\" is waiting to start: ContainerCreating");
    }
}
