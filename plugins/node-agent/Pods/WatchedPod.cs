using Modular.ApiMachinery;
using Modular.Plugins.NodeAgent.Containers;

namespace Modular.Plugins.NodeAgent.Pods;

/// <summary>A pod as the API has it now, and the bell that wakes whoever works on it.</summary>
internal sealed class WatchedPod(ApiObject pod, TimeProvider time) : IDisposable
{
    private readonly SemaphoreSlim _bell = new(1, 1);
    private volatile ApiObject _object = pod;
    private volatile bool _gone;
    private DateTimeOffset? _next;

    public ApiObject Object => _object;

    public string Uid { get; } = pod.Metadata.Uid;

    public string SandboxId { get; } = ContainerId.Sandbox(pod.Metadata.Uid);

    /// <summary>True once the pod is no longer in the API.</summary>
    public bool IsGone => _gone;

    public void Update(ApiObject pod)
    {
        _object = pod;
        Wake();
    }

    public void Remove()
    {
        _gone = true;
        Wake();
    }

    public void Wake()
    {
        try
        {
            _bell.Release();
        }
        catch (SemaphoreFullException)
        {
            // It is awake already and will look again.
        }
        catch (ObjectDisposedException)
        {
            // A late event of a pod that is done with.
        }
    }

    /// <summary>Asks to be woken at a time; the earliest wins.</summary>
    public void WakeAt(DateTimeOffset at) => _next = _next is { } next && next < at ? next : at;

    public void WakeIn(TimeSpan delay) => WakeAt(time.GetUtcNow() + delay);

    /// <summary>Waits for somebody to ring, or for the time that was asked for, which is forgotten then.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        if (_next is not { } next)
        {
            await _bell.WaitAsync(cancellationToken).ConfigureAwait(false);
            return;
        }

        var delay = next - time.GetUtcNow();
        if (delay > TimeSpan.Zero)
        {
            using var timer = time.CreateTimer(_ => Wake(), null, delay, Timeout.InfiniteTimeSpan);
            await _bell.WaitAsync(cancellationToken).ConfigureAwait(false);
        }

        _next = null;
    }

    /// <summary>Waits until something is done, and looks at <paramref name="woken"/> each time somebody rings meanwhile.</summary>
    public async Task WhileAsync(Task work, Func<Task> woken, CancellationToken cancellationToken)
    {
        while (!work.IsCompleted)
        {
            var bell = _bell.WaitAsync(cancellationToken);
            await Task.WhenAny(work, bell).ConfigureAwait(false);
            if (!bell.IsCompleted)
            {
                Wake();
                await bell.ConfigureAwait(false);
            }

            if (!work.IsCompleted)
            {
                await woken().ConfigureAwait(false);
            }
        }

        await work.ConfigureAwait(false);
        Wake();
    }

    public void Dispose() => _bell.Dispose();
}
