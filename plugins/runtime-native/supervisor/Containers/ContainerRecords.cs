using Modular.RuntimeNative.Protocol;

namespace Modular.RuntimeNative.Supervisor.Containers;

/// <summary>
/// What is known of sandboxes and containers: in memory for answers, on disk for the next supervisor. What happened is on disk before anybody
/// hears it. Reading is free at any time; who writes of a sandbox or its containers has passed the sandbox's gate.
/// </summary>
internal sealed class ContainerRecords(string dataDirectory, EventHistory history)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, SandboxRecord> _sandboxes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ContainerRecord> _containers = new(StringComparer.Ordinal);
    private readonly RecordFiles<SandboxRecord> _sandboxFiles = new(Path.Combine(dataDirectory, "sandboxes"), ProtocolJson.Default.SandboxRecord);
    private readonly RecordFiles<ContainerRecord> _containerFiles = new(Path.Combine(dataDirectory, "containers"), ProtocolJson.Default.ContainerRecord);

    public EventHistory History => history;

    /// <summary>Reads what an earlier supervisor wrote.</summary>
    public void Load()
    {
        foreach (var sandbox in _sandboxFiles.ReadAll())
        {
            _sandboxes[sandbox.Id] = sandbox;
        }

        foreach (var container in _containerFiles.ReadAll())
        {
            _containers[container.Launch.Id] = container;
        }
    }

    /// <summary>Everything, as of one position of the history.</summary>
    public StateRecord Snapshot()
    {
        lock (_lock)
        {
            return new StateRecord(history.Position, [.. _sandboxes.Values], [.. _containers.Values.Select(container => container.Report())]);
        }
    }

    public IReadOnlyList<SandboxRecord> Sandboxes()
    {
        lock (_lock)
        {
            return [.. _sandboxes.Values];
        }
    }

    public IReadOnlyList<ContainerRecord> Containers()
    {
        lock (_lock)
        {
            return [.. _containers.Values];
        }
    }

    public SandboxRecord? FindSandbox(string id)
    {
        lock (_lock)
        {
            return _sandboxes.GetValueOrDefault(id);
        }
    }

    public ContainerRecord? FindContainer(string id)
    {
        lock (_lock)
        {
            return _containers.GetValueOrDefault(id);
        }
    }

    public IReadOnlyList<ContainerRecord> ContainersOf(string sandboxId)
    {
        lock (_lock)
        {
            return [.. _containers.Values.Where(container => container.Launch.SandboxId == sandboxId)];
        }
    }

    public void Save(SandboxRecord sandbox)
    {
        _sandboxFiles.Write(sandbox.Id, sandbox, durable: false);
        lock (_lock)
        {
            _sandboxes[sandbox.Id] = sandbox;
        }
    }

    public void Save(ContainerRecord container, bool durable = false)
    {
        _containerFiles.Write(container.Launch.Id, container, durable);
        lock (_lock)
        {
            _containers[container.Launch.Id] = container;
            history.Add(container.Report());
        }
    }

    public void Remove(SandboxRecord sandbox)
    {
        _sandboxFiles.Delete(sandbox.Id);
        lock (_lock)
        {
            _sandboxes.Remove(sandbox.Id);
        }
    }

    public void Remove(ContainerRecord container)
    {
        _containerFiles.Delete(container.Launch.Id);
        lock (_lock)
        {
            _containers.Remove(container.Launch.Id);
        }
    }
}
