using Microsoft.AspNetCore.Http;
using Modular.Abstractions;
using Modular.Abstractions.Http;
using Modular.ApiMachinery;
using Modular.Models;
using Modular.Plugins.NodeAgent.Pods;
using Modular.Plugins.NodeAgent.PortForward;
using Modular.Toolkit;

namespace Modular.Plugins.NodeAgent.Endpoint;

/// <summary>Answers what an API server asks this node: logs, commands, containers' own streams, ports, health.</summary>
internal sealed class NodeEndpoint(AgentServices services, NodeAgent agent) : INodeEndpoint
{
    private readonly ContainerLogs _logs = new(services);
    private readonly ContainerExec _exec = new(services);
    private readonly ContainerAttach _attach = new(services);
    private readonly PortForwardRequest _ports = new(services, agent);

    public string NodeName => services.NodeName;

    /// <summary>The requests that are being answered.</summary>
    public InFlight Requests { get; } = new();

    public async Task HandleAsync(HttpContext context)
    {
        using var request = Requests.Begin();
        try
        {
            await RouteAsync(context).ConfigureAwait(false);
        }
        catch (ApiException exception) when (!context.Response.HasStarted)
        {
            context.Response.StatusCode = exception.Status.Code;
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync(exception.Status.ToJson().ToJsonString(), context.RequestAborted).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client has gone.
        }
    }

    private Task RouteAsync(HttpContext context)
    {
        var parts = context.Request.Path.Value!.Split('/', StringSplitOptions.RemoveEmptyEntries);
        return parts switch
        {
            ["healthz"] => context.Response.WriteAsync("ok", context.RequestAborted),
            ["containerLogs", var ns, var pod, var container] => RouteAsync(context, ns, pod, container, _logs.HandleAsync),
            ["exec", var ns, var pod, var container] => RouteAsync(context, ns, pod, container, _exec.HandleAsync),
            ["attach", var ns, var pod, var container] => RouteAsync(context, ns, pod, container, _attach.HandleAsync),
            ["portForward", var ns, var pod] => ForwardAsync(context, ns, pod),
            _ => throw new ApiException(StatusReason.NotFound, $"the node endpoint has no {context.Request.Path}"),
        };
    }

    private async Task RouteAsync(HttpContext context, string ns, string name, string containerName, Func<HttpContext, ApiObject, Container, Task> handle)
    {
        var pod = (await FindAsync(ns, name, context.RequestAborted).ConfigureAwait(false)).Pod;
        var spec = pod.AsPod().Spec;
        var container = spec.Containers.Concat(spec.InitContainers).FirstOrDefault(container => container.Name == containerName)
            ?? throw new ApiException(StatusReason.BadRequest, $"container {containerName} is not valid for pod {name}");
        await handle(context, pod, container).ConfigureAwait(false);
    }

    private async Task ForwardAsync(HttpContext context, string ns, string name) =>
        await _ports.HandleAsync(context, await FindAsync(ns, name, context.RequestAborted).ConfigureAwait(false)).ConfigureAwait(false);

    private async ValueTask<PodWorker> FindAsync(string ns, string name, CancellationToken cancellationToken) =>
        await agent.FindAsync(ns, name, cancellationToken).ConfigureAwait(false)
        ?? throw new ApiException(StatusReason.NotFound, $"pod {ns}/{name} is not on node {NodeName}");
}
