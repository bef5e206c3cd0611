using System.Diagnostics.CodeAnalysis;
using Modular.Abstractions;

namespace Modular.Plugins.RuntimeSimulated;

/// <summary>The sandboxes and containers there are. A change is on the disk before it is seen. Not thread-safe.</summary>
internal sealed class SandboxTable
{
    private readonly SandboxFiles _files;
    private readonly Dictionary<string, SandboxRecord> _sandboxes;
    private readonly Dictionary<string, ContainerState> _containers;

    public SandboxTable(SandboxFiles files)
    {
        _files = files;
        _sandboxes = files.ReadAll().ToDictionary(record => record.Sandbox.Id, StringComparer.Ordinal);
        _containers = _sandboxes.Values.SelectMany(record => record.Containers).ToDictionary(container => container.Id, StringComparer.Ordinal);
    }

    public IReadOnlyList<SandboxState> Sandboxes => [.. _sandboxes.Values.Select(record => record.Sandbox)];

    public IReadOnlyList<ContainerState> Containers => [.. _containers.Values];

    public bool TryFind(string sandboxId, [NotNullWhen(true)] out SandboxRecord? record) => _sandboxes.TryGetValue(sandboxId, out record);

    public ContainerState? FindContainer(string id) => _containers.GetValueOrDefault(id);

    public void Save(SandboxState sandbox) => Save(new SandboxRecord(sandbox, TryFind(sandbox.Id, out var known) ? known.Containers : []));

    public void Save(ContainerState container)
    {
        Save(_sandboxes[container.SandboxId].With(container));
        _containers[container.Id] = container;
    }

    public void Remove(ContainerState container)
    {
        Save(_sandboxes[container.SandboxId].Without(container.Id));
        _containers.Remove(container.Id);
    }

    public void Remove(SandboxRecord record)
    {
        _files.Delete(record.Sandbox.Id);
        _sandboxes.Remove(record.Sandbox.Id);
        foreach (var container in record.Containers)
        {
            _containers.Remove(container.Id);
        }
    }

    private void Save(SandboxRecord record)
    {
        _files.Write(record);
        _sandboxes[record.Sandbox.Id] = record;
    }
}
