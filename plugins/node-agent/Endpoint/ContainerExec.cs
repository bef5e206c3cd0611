using Microsoft.AspNetCore.Http;
using Modular.Abstractions;
using Modular.ApiMachinery;
using Modular.Models;

namespace Modular.Plugins.NodeAgent.Endpoint;

/// <summary>Runs a command in a container for a WebSocket client.</summary>
internal sealed class ContainerExec(AgentServices services)
{
    private readonly SessionRequest _sessions = new(services, "exec", tellsExitCode: true);

    public Task HandleAsync(HttpContext context, ApiObject pod, Container container)
    {
        // First what is wrong with the container: kubectl asks again without a WebSocket and shows only what that is answered.
        var containerId = _sessions.FindRunning(pod, container);
        var query = context.Request.Query;
        var request = new ExecRequest
        {
            ContainerId = containerId,
            Command = [.. query["command"].Select(argument => argument ?? "")],
            Stdin = SessionRequest.HasInput(query),
            Tty = SessionRequest.Flag(query, "tty"),
        };
        return request.Command.Count > 0
            ? _sessions.CarryAsync(context, () => services.Runtime.ExecAsync(request, context.RequestAborted))
            : throw new ApiException(StatusReason.BadRequest, "you must specify at least 1 container to exec a command in");
    }
}
