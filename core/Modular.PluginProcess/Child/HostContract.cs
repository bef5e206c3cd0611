using Grpc.Core;
using Grpc.Core.Interceptors;
using Modular.Abstractions;
using Modular.PluginProcess.Contracts;
using Protocol = Modular.PluginProcess.Protocol;

namespace Modular.PluginProcess.Child;

/// <summary>A contract that this process uses, whatever it is.</summary>
internal abstract class HostContract
{
    /// <summary>Takes in who provides it now, and who is tried.</summary>
    public abstract void Show(Protocol.Requirement requirement);
}

/// <typeparam name="T">The contract.</typeparam>
/// <inheritdoc />
internal sealed class HostContract<T> : HostContract
    where T : class
{
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(10);

    private readonly CallInvoker _host;
    private readonly Func<RemotePlugin, T> _remote;
    private readonly HostContractHandle<T> _handle;
    private readonly HostCandidateHandle<T> _candidates;

    /// <param name="contract">Its name.</param>
    /// <param name="host">Leads to the host.</param>
    /// <param name="remote">Makes calls of what a plugin is asked.</param>
    public HostContract(string contract, CallInvoker host, Func<RemotePlugin, T> remote)
    {
        _host = host;
        _remote = remote;
        _handle = new HostContractHandle<T>(contract, Reach);
        _candidates = new HostCandidateHandle<T>((plugin, generation, header) => Reach(plugin, generation, header, []), plugin => new HostTrialObserver(host, contract, plugin));
    }

    public ContractHandle<T> Handle => _handle;

    public CandidateHandle<T> Candidates => _candidates;

    public override void Show(Protocol.Requirement requirement)
    {
        _handle.Show(requirement.Provider is { } provider ? ContextMessages.ToIdentity(provider) : null, requirement.Generation, requirement.Features);
        _candidates.Show(
            [.. requirement.Candidates.Select(tried => (ContextMessages.ToIdentity(tried.Plugin), TrialMessages.FromMessage(tried.Trial)))], requirement.CandidatesGeneration);
    }

    private T Reach(PluginIdentity plugin, long generation, Metadata.Entry header, IReadOnlyList<string> features)
    {
        var calls = _host.Intercept(headers =>
        {
            headers.Add(header);
            return headers;
        });
        return _remote(new RemotePlugin(plugin, calls, CallTimeout, () => generation) { Who = $"{plugin.Id} {plugin.Version}, asked through the host,", Features = features });
    }
}
