using Microsoft.Extensions.Logging;
using Modular.Abstractions;
using Modular.ApiMachinery;
using Modular.Models;
using ContainerState = Modular.Abstractions.ContainerState;

namespace Modular.Plugins.NodeAgent.Pods;

/// <summary>Ends single containers: the hook before the end and the end of what services carry there, TERM, and KILL, all within one grace.</summary>
internal sealed partial class ContainerStop(AgentServices services, LifecycleHooks hooks, PodEvents events, CancellationToken stopped)
{
    /// <summary>What is left after a hook that took the whole grace.</summary>
    private static readonly TimeSpan LeastAfterHook = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

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
            for (var ended = false; !ended;)
            {
                try
                {
                    await RunAsync(obj, container, running.Id, Task.CompletedTask, grace, stopped).ConfigureAwait(false);
                    ended = true;
                }
                catch (Exception exception) when (exception is RuntimeException or ContractUnavailableException)
                {
                    // The runtime is away, or another takes over. Nobody else asks again.
                    LogNotStopped(services.Log, container.Name, obj.Name.ToString(), exception.Message);
                    await Task.Delay(RetryDelay, services.Time, stopped).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                    ended = stopped.IsCancellationRequested;
                }
                catch (OperationCanceledException exception)
                {
                    LogNotStopped(services.Log, container.Name, obj.Name.ToString(), exception.Message);
                    ended = true;
                }
            }
        }
    }

    /// <summary>Ends a container. What is not described any more has no hook.</summary>
    /// <param name="obj">The pod.</param>
    /// <param name="container">Its description.</param>
    /// <param name="containerId">This run of it.</param>
    /// <param name="drained">Completes when TERM troubles no client of a service.</param>
    /// <param name="grace">How long all of it may take.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task RunAsync(ApiObject obj, Container? container, string containerId, Task drained, TimeSpan grace, CancellationToken cancellationToken)
    {
        if (grace > TimeSpan.Zero)
        {
            var deadline = services.Time.GetUtcNow() + grace;
            var least = TimeSpan.Zero;
            if (container is { Lifecycle.PreStop: not null })
            {
                await hooks.PreStopAsync(obj, container, containerId, grace, cancellationToken).ConfigureAwait(false);
                least = LeastAfterHook;
            }

            await drained.ConfigureAwait(false);
            var left = deadline - services.Time.GetUtcNow();
            grace = left > least ? left : least;
        }

        await KillAsync(containerId, grace, cancellationToken).ConfigureAwait(false);
    }

    public Task KillAsync(string containerId, TimeSpan grace, CancellationToken cancellationToken) =>
        services.Runtime.CallAsync(runtime => runtime.StopContainerAsync(containerId, grace, cancellationToken)).AsTask();

    public void Forget(string containerId) => _begun.Remove(containerId);

    [LoggerMessage(LogLevel.Warning, "container {Container} of pod {Pod} could not be stopped: {Error}")]
    private static partial void LogNotStopped(ILogger logger, string container, string pod, string error);
}
