using Microsoft.AspNetCore.Http;
using Modular.Abstractions;
using Modular.ApiMachinery;
using Modular.Models;

namespace Modular.Plugins.NodeAgent.Endpoint;

/// <summary>Joins a WebSocket client to what a container's own program reads and writes.</summary>
internal sealed class ContainerAttach(AgentServices services)
{
    // How the container ended is in its pod's status, where Kubernetes' clients look for it: an attach that says it has failed to them.
    private readonly SessionRequest _sessions = new(services, "attach", tellsExitCode: false);

    public Task HandleAsync(HttpContext context, ApiObject pod, Container container)
    {
        var request = new AttachRequest
        {
            ContainerId = _sessions.FindRunning(pod, container),
            Stdin = SessionRequest.HasInput(context.Request.Query),
            // A terminal is there from the beginning or not at all, whatever the client says.
            Tty = container.Tty,
        };
        return _sessions.CarryAsync(context, () => services.Runtime.AttachAsync(request, context.RequestAborted));
    }
}
