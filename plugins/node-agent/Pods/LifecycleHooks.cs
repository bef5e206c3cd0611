using Modular.ApiMachinery;
using Modular.Models;
using Modular.Plugins.NodeAgent.Probes;

namespace Modular.Plugins.NodeAgent.Pods;

internal enum HookState
{
    Running,
    Succeeded,
    Failed,
}

/// <summary>Runs what a pod wants done right after a container's start and before its end.</summary>
internal sealed class LifecycleHooks(
    AgentServices services, WatchedPod watched, PodContainers containers, ProbeAction action, PodEvents events, CancellationToken stopped)
{
    private readonly Dictionary<string, Task<ProbeAnswer>> _postStarts = new(StringComparer.Ordinal);

    /// <summary>Begins the hook after the start of this run, beside the loop, which is woken at its end; says how it stands.</summary>
    public HookState PostStart(ApiObject obj, Container container, string containerId)
    {
        if (container.Lifecycle?.PostStart is not { } hook)
        {
            return HookState.Succeeded;
        }

        if (!_postStarts.TryGetValue(containerId, out var running))
        {
            _postStarts[containerId] = running = PostStartAsync(hook, obj, container, containerId);
            _ = WakeAfterAsync(running);
        }

        return !running.IsCompleted ? HookState.Running : running is { IsCompletedSuccessfully: true, Result.Success: true } ? HookState.Succeeded : HookState.Failed;
    }

    /// <summary>Runs the hook before the end, for no longer than the grace.</summary>
    public async Task PreStopAsync(ApiObject obj, Container container, string containerId, TimeSpan grace, CancellationToken cancellationToken)
    {
        if (container.Lifecycle?.PreStop is not { } hook)
        {
            return;
        }

        var answer = await RunAsync(hook, container, containerId, grace, cancellationToken).ConfigureAwait(false);
        if (!answer.Success)
        {
            events.Container(obj, container, "Warning", "FailedPreStopHook", $"PreStopHook failed: {answer.Output.TrimEnd()}");
        }
    }

    public void Forget(string containerId) => _postStarts.Remove(containerId);

    private async Task<ProbeAnswer> PostStartAsync(LifecycleAction hook, ApiObject obj, Container container, string containerId)
    {
        // The loop goes on before the hook has begun.
        await Task.Yield();
        var answer = await RunAsync(hook, container, containerId, TimeSpan.FromMilliseconds(int.MaxValue), stopped).ConfigureAwait(false);
        if (!answer.Success)
        {
            events.Container(obj, container, "Warning", "FailedPostStartHook", $"PostStartHook failed: {answer.Output.TrimEnd()}");
        }

        return answer;
    }

    private async Task WakeAfterAsync(Task hook)
    {
        await hook.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        watched.Wake();
    }

    private async Task<ProbeAnswer> RunAsync(LifecycleAction hook, Container container, string containerId, TimeSpan limit, CancellationToken cancellationToken)
    {
        if (hook.Sleep is { } sleep)
        {
            var pause = TimeSpan.FromSeconds(sleep.Seconds);
            await Task.Delay(pause < limit ? pause : limit, services.Time, cancellationToken).ConfigureAwait(false);
            return new ProbeAnswer(true, "");
        }

        var question = new Probe { Exec = hook.Exec, HttpGet = hook.HttpGet, TimeoutSeconds = (int)Math.Max(1, Math.Min(limit.TotalSeconds, int.MaxValue / 1000)) };
        var address = containers.Addresses is [var first, ..] ? first : services.NodeAddress;
        return await action.AskAsync(question, container, containerId, address, cancellationToken).ConfigureAwait(false);
    }
}
