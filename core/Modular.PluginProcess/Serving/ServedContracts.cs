using Grpc.Core;
using Modular.PluginProcess.Contracts;

namespace Modular.PluginProcess;

/// <summary>The contracts that a plugin's manifest requires.</summary>
internal sealed class ServedContracts(IReadOnlyList<ServedContract> all)
{
    public IReadOnlyList<ServedContract> All { get; } = all;

    /// <exception cref="RpcException">The manifest does not require the contract.</exception>
    public ServedContract<T> Find<T>()
        where T : class =>
        All.OfType<ServedContract<T>>().FirstOrDefault()
            ?? throw new RpcException(new Status(StatusCode.PermissionDenied, $"the plugin's manifest does not require {ContractAdapter.NameOf(typeof(T))}"));
}
