using System.Collections.Concurrent;
using Grpc.Core;
using Modular.PluginProcess.Contracts;

namespace Modular.PluginProcess.Child;

/// <summary>What the plugin of this process has provided. Thread-safe.</summary>
internal sealed class ProvidedContracts : IContractSource
{
    private readonly ConcurrentDictionary<Type, object> _provided = new();

    public void Add<T>(T implementation)
        where T : class
    {
        if (!_provided.TryAdd(typeof(T), implementation))
        {
            throw new InvalidOperationException($"{ContractAdapter.NameOf(typeof(T))} is provided twice; provide it once");
        }
    }

    /// <exception cref="RpcException">The plugin provides no such contract.</exception>
    public T Get<T>()
        where T : class =>
        _provided.TryGetValue(typeof(T), out var implementation)
            ? (T)implementation
            : throw new RpcException(new Status(StatusCode.Unimplemented, $"this plugin does not provide {ContractAdapter.NameOf(typeof(T))}"));
}
