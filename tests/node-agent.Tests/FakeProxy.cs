using System.Collections.Concurrent;
using Modular.Abstractions;

namespace Modular.Plugins.NodeAgent.Tests;

/// <summary>A service proxy of which the test says what it carries.</summary>
internal sealed class FakeProxy : IServiceProxy
{
    private readonly ConcurrentDictionary<string, bool> _used = new(StringComparer.Ordinal);

    /// <summary>The addresses that were to be drained.</summary>
    public ConcurrentDictionary<string, int> Drained { get; } = new(StringComparer.Ordinal);

    /// <summary>Says whether anything is on its way to an address.</summary>
    public void Use(string address, bool used) => _used[address] = used;

    public ValueTask<ServiceReport> ApplyAsync(ServiceDelta delta, CancellationToken cancellationToken) =>
        throw new InvalidOperationException("the agent drives no proxy");

    public ValueTask<bool> DrainAsync(string address, CancellationToken cancellationToken)
    {
        Drained.AddOrUpdate(address, 1, static (_, asked) => asked + 1);
        return ValueTask.FromResult(_used.GetValueOrDefault(address));
    }
}
