using Microsoft.Extensions.Logging;
using Modular.Abstractions;
using Modular.ApiMachinery;
using Modular.Models;
using ContainerState = Modular.Abstractions.ContainerState;

namespace Modular.Plugins.NodeAgent.Pods;

/// <summary>Ends single containers: the hook before the end, TERM, and KILL, all within one grace.</summary>
internal sealed partial class ContainerStop(AgentServices services, LifecycleHooks hooks, PodEvents events, CancellationToken stopped)
{
    /// <summary>What is left after a hook that took the whole grace.</summary>
    private static readonly TimeSpan LeastAfterHook = TimeSpan.FromSeconds(2);

    private readonly Dictionary<string, Task> _begun = new(StringComparer.Ordinal);

    /// <summary>Ends a container beside the loop, which hears of the end by the runtime's event.</summary>
    public void Begin(ApiObject obj, Container container, ContainerState running, TimeSpan grace, string why)
    {
        if (_begun.ContainsKey(running.Id))
        {
            return;
        }

        events.Container(obj, container, "Normal", "Killing", why);
        _begun[running.Id] = EndAndLogAsync();

        async Task EndAndLogAsync()
        {
            try
            {
                await RunAsync(obj, container, running.Id, grace, stopped).ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is RuntimeException or ContractUnavailableException or OperationCanceledException)
            {
                LogNotStopped(services.Log, container.Name, obj.Name.ToString(), exception.Message);
            }
        }
    }

    /// <summary>Ends a container. What is not described any more has no hook.</summary>
    public async Task RunAsync(ApiObject obj, Container? container, string containerId, TimeSpan grace, CancellationToken cancellationToken)
    {
        if (container is { Lifecycle.PreStop: not null } && grace > TimeSpan.Zero)
        {
            var deadline = services.Time.GetUtcNow() + grace;
            await hooks.PreStopAsync(obj, container, containerId, grace, cancellationToken).ConfigureAwait(false);
            var left = deadline - services.Time.GetUtcNow();
            grace = left > LeastAfterHook ? left : LeastAfterHook;
        }

        await KillAsync(containerId, grace, cancellationToken).ConfigureAwait(false);
    }

    public Task KillAsync(string containerId, TimeSpan grace, CancellationToken cancellationToken) =>
        services.Runtime.CallAsync(runtime => runtime.StopContainerAsync(containerId, grace, cancellationToken)).AsTask();

    public void Forget(string containerId) => _begun.Remove(containerId);

    [LoggerMessage(LogLevel.Warning, "container {Container} of pod {Pod} could not be stopped: {Error}")]
    private static partial void LogNotStopped(ILogger logger, string container, string pod, string error);
}
