using Grpc.Core;

namespace Modular.PluginProcess.Contracts;

/// <summary>Where the services of contracts find what answers: the plugin of this process, or in the host whoever provides the contract.</summary>
internal interface IContractSource
{
    /// <summary>What answers until the call has ended.</summary>
    /// <exception cref="RpcException">Nobody answers for the contract.</exception>
    T Get<T>()
        where T : class;
}
