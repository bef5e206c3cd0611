using System.Globalization;
using Microsoft.Extensions.Logging;
using Modular.Abstractions;

namespace Modular.Plugins.RuntimeSimulated;

/// <summary>Containers that are records. They start and end when the rules and the caller say so; there is nothing that could do otherwise.</summary>
internal sealed partial class SimulatedRuntime : IContainerRuntime, IDisposable
{
    private const int Terminated = 143;
    private const int Killed = 137;
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, ITimer> _ends = new(StringComparer.Ordinal);
    private readonly IReadOnlyList<LifeRule> _lives;
    private readonly SandboxTable _table;
    private readonly AddressPool _addresses;
    private readonly EventHistory _history;
    private readonly RuntimeInfo _info;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private bool _disposed;

    public SimulatedRuntime(SimulatedRuntimeOptions options, SandboxFiles files, string version, TimeProvider time, ILogger log)
    {
        _lives = options.Lives;
        _table = new SandboxTable(files);
        _addresses = new AddressPool(options.AddressRange);
        _history = new EventHistory(time);
        _time = time;
        _log = log;
        _info = new RuntimeInfo
        {
            Name = "simulated",
            Version = version,
            Mode = "process",
            Limitation = "containers are records, nothing runs",
            AssignsAddresses = true,
            InstanceId = Guid.NewGuid().ToString("N"),
        };
        lock (_lock)
        {
            _addresses.Reserve(_table.Sandboxes.SelectMany(sandbox => sandbox.Addresses));
            foreach (var container in _table.Containers.Where(container => container.Phase == ContainerPhase.Running))
            {
                AwaitEnd(container);
            }
        }
    }

    public ValueTask<RuntimeInfo> GetInfoAsync(CancellationToken cancellationToken) => ValueTask.FromResult(_info);

    public ValueTask<string> EnsureImageAsync(ImageRequest request, CancellationToken cancellationToken) => ValueTask.FromResult(request.Image);

    public ValueTask<SandboxState> EnsureSandboxAsync(SandboxSpec spec, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return ValueTask.FromResult(_table.TryFind(spec.Id, out var known) ? known.Sandbox : MakeSandbox(spec));
        }
    }

    public ValueTask StopSandboxAsync(string sandboxId, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_table.TryFind(sandboxId, out var record) && record.Sandbox.Running)
            {
                foreach (var container in record.Containers)
                {
                    End(container, Killed);
                }

                _table.Save(record.Sandbox with { Running = false, Addresses = [] });
                _addresses.Release(record.Sandbox.Addresses);
            }
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask RemoveSandboxAsync(string sandboxId, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_table.TryFind(sandboxId, out var record))
            {
                if (record.Sandbox.Running)
                {
                    throw new RuntimeException("SandboxRunning", $"sandbox {sandboxId} must be stopped before it is removed");
                }

                _table.Remove(record);
            }
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask EnsureContainerAsync(ContainerSpec spec, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_table.FindContainer(spec.Id) is null)
            {
                CheckRuns(spec.SandboxId);
                Save(new ContainerState
                {
                    Id = spec.Id,
                    SandboxId = spec.SandboxId,
                    Name = spec.Name,
                    Attempt = spec.Attempt,
                    Image = spec.Image,
                    LogPath = spec.LogPath,
                    Labels = spec.Labels,
                });
            }
        }

        return ValueTask.CompletedTask;
    }

    public async ValueTask<ContainerState> StartContainerAsync(string containerId, CancellationToken cancellationToken)
    {
        await Task.Delay(StartDelay(containerId), _time, cancellationToken).ConfigureAwait(false);
        lock (_lock)
        {
            var container = Find(containerId);
            if (container.Phase == ContainerPhase.Created)
            {
                CheckRuns(container.SandboxId);
                container = container with { Phase = ContainerPhase.Running, StartedAt = _time.GetUtcNow() };
                WriteLog(container);
                Save(container);
                AwaitEnd(container);
            }

            return Find(containerId);
        }
    }

    public ValueTask StopContainerAsync(string containerId, TimeSpan grace, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_table.FindContainer(containerId) is { } container)
            {
                End(container, grace > TimeSpan.Zero ? Terminated : Killed);
            }
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask RemoveContainerAsync(string containerId, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_table.FindContainer(containerId) is { } container)
            {
                if (container.Phase == ContainerPhase.Running)
                {
                    throw new RuntimeException("ContainerRunning", $"container {containerId} must be stopped before it is removed");
                }

                _table.Remove(container);
            }
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask<RuntimeState> ListAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return ValueTask.FromResult(new RuntimeState { Position = _history.Position, Sandboxes = _table.Sandboxes, Containers = _table.Containers });
        }
    }

    public IAsyncEnumerable<RuntimeEvent> WatchAsync(long after, CancellationToken cancellationToken) => _history.FollowAsync(after, cancellationToken);

    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            foreach (var timer in _ends.Values)
            {
                timer.Dispose();
            }

            _ends.Clear();
        }
    }

    private SandboxState MakeSandbox(SandboxSpec spec)
    {
        var address = _addresses.Take() ?? throw new RuntimeException("AddressesExhausted", "every address is taken; give the runtime a larger addressRange");
        var sandbox = new SandboxState { Id = spec.Id, Running = true, Addresses = [address], Spec = spec };
        try
        {
            _table.Save(sandbox);
        }
        catch
        {
            _addresses.Release(sandbox.Addresses);
            throw;
        }

        return sandbox;
    }

    private TimeSpan StartDelay(string containerId)
    {
        lock (_lock)
        {
            var container = Find(containerId);
            return container.Phase == ContainerPhase.Created && RuleFor(container, ContainerPhase.Running) is { } rule ? rule.After : TimeSpan.Zero;
        }
    }

    private void AwaitEnd(ContainerState container)
    {
        if (RuleFor(container, ContainerPhase.Exited) is not { } rule)
        {
            return;
        }

        var left = container.StartedAt!.Value + rule.After - _time.GetUtcNow();
        if (left <= TimeSpan.Zero)
        {
            EndInTime(container.Id, rule.ExitCode);
        }
        else
        {
            SetTimer(container.Id, rule.ExitCode, left);
        }
    }

    private void EndInTime(string containerId, int exitCode)
    {
        lock (_lock)
        {
            if (_disposed || _table.FindContainer(containerId) is not { } container)
            {
                return;
            }

            try
            {
                End(container, exitCode);
            }
            catch (RuntimeException exception)
            {
                // The disk is full, most likely. It is heard of when it is written down.
                LogNotEnded(_log, containerId, exception.Message);
                SetTimer(containerId, exitCode, RetryDelay);
            }
        }
    }

    private void SetTimer(string containerId, int exitCode, TimeSpan delay)
    {
        if (_ends.Remove(containerId, out var last))
        {
            last.Dispose();
        }

        _ends[containerId] = _time.CreateTimer(_ => EndInTime(containerId, exitCode), null, delay, Timeout.InfiniteTimeSpan);
    }

    private void End(ContainerState container, int exitCode)
    {
        if (container.Phase != ContainerPhase.Running)
        {
            return;
        }

        Save(container with
        {
            Phase = ContainerPhase.Exited,
            FinishedAt = _time.GetUtcNow(),
            ExitCode = exitCode,
            Reason = exitCode == 0 ? "Completed" : "Error",
        });
        if (_ends.Remove(container.Id, out var timer))
        {
            timer.Dispose();
        }
    }

    private void Save(ContainerState container)
    {
        _table.Save(container);
        _history.Add(container);
    }

    private static void WriteLog(ContainerState container)
    {
        try
        {
            File.AppendAllText(
                container.LogPath, string.Create(CultureInfo.InvariantCulture, $"{container.StartedAt:O} stdout F {container.Name} was started (attempt {container.Attempt}); it is simulated\n"));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new RuntimeException("RunContainerError", $"the log of container {container.Id} can't be written: {exception.Message}");
        }
    }

    private LifeRule? RuleFor(ContainerState container, ContainerPhase state) =>
        _table.TryFind(container.SandboxId, out var record) ? _lives.FirstOrDefault(rule => rule.State == state && rule.Matches(record.Sandbox, container)) : null;

    private ContainerState Find(string id) => _table.FindContainer(id) ?? throw new RuntimeException("NotFound", $"there is no container {id}");

    private void CheckRuns(string id)
    {
        if (!_table.TryFind(id, out var record) || !record.Sandbox.Running)
        {
            throw new RuntimeException("SandboxNotReady", $"sandbox {id} does not run");
        }
    }

    [LoggerMessage(LogLevel.Warning, "the end of container {Container} can't be recorded yet: {Error}")]
    private static partial void LogNotEnded(ILogger logger, string container, string error);
}
