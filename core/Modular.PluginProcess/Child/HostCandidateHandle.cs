using Grpc.Core;
using Modular.Abstractions;

namespace Modular.PluginProcess.Child;

/// <summary>A handle on those whom the host has tried beside the provider of a contract. Thread-safe.</summary>
/// <param name="reach">Makes calls, with a header, of what a plugin is asked.</param>
/// <param name="observe">Tells the host how a trial goes.</param>
internal sealed class HostCandidateHandle<T>(Func<PluginIdentity, long, Metadata.Entry, T> reach, Func<PluginIdentity, ITrialObserver> observe) : CandidateHandle<T>
    where T : class
{
    private volatile State _current = new([], long.MinValue);

    public override long Generation => _current.Generation;

    public override IReadOnlyList<Candidate<T>> AcquireAll()
    {
        var current = _current;
        return [.. current.Tried.Select(tried => new Candidate<T>(Lease(tried.Plugin, current.Generation), tried.Trial, observe(tried.Plugin)))];
    }

    public override Task WaitForChangeAsync(long generation, CancellationToken cancellationToken)
    {
        var current = _current;
        return current.Generation == generation ? current.Replaced.Task.WaitAsync(cancellationToken) : Task.CompletedTask;
    }

    /// <summary>Takes in who is tried now.</summary>
    public void Show(IReadOnlyList<(PluginIdentity Plugin, Trial Trial)> tried, long generation)
    {
        var old = _current;
        if (old.Generation != generation)
        {
            _current = new State(tried, generation);
            old.Replaced.SetResult();
        }
    }

    private ContractLease<T> Lease(PluginIdentity plugin, long generation)
    {
        var header = new Metadata.Entry(ProcessProtocol.CandidateHeader, CandidateName.Of(plugin).ToString());
        return new ContractLease<T>(reach(plugin, generation, header), plugin, generation, null);
    }

    private sealed record State(IReadOnlyList<(PluginIdentity Plugin, Trial Trial)> Tried, long Generation)
    {
        public TaskCompletionSource Replaced { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
