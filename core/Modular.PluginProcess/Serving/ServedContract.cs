using Grpc.Core;
using Modular.Abstractions;
using Modular.PluginProcess.Contracts;
using Protocol = Modular.PluginProcess.Protocol;

namespace Modular.PluginProcess;

/// <summary>A contract that a plugin's process uses, as the host holds it.</summary>
internal abstract class ServedContract(string contract)
{
    public string Contract { get; } = contract;

    /// <summary>Who provides it now, and who is tried beside.</summary>
    public abstract Protocol.Requirement Current { get; }

    /// <summary>Completes when that has changed.</summary>
    public abstract Task WaitForChangeAsync(Protocol.Requirement known, CancellationToken cancellationToken);

    /// <summary>Leases a candidate and says something of its trial.</summary>
    /// <returns>False if it is tried no more.</returns>
    public abstract bool Observe(CandidateName candidate, Action<ITrialObserver> say);
}

/// <typeparam name="T">The contract.</typeparam>
/// <param name="contract">Its name.</param>
/// <param name="handle">Leads to who provides it.</param>
/// <param name="candidates">Leads to those who are tried; null if the contract has no trials.</param>
/// <param name="features">What a provider may offer beyond the contract.</param>
/// <inheritdoc />
internal sealed class ServedContract<T>(string contract, ContractHandle<T> handle, CandidateHandle<T>? candidates, IReadOnlyList<ContractFeature> features) : ServedContract(contract)
    where T : class
{
    public override Protocol.Requirement Current
    {
        get
        {
            // Read first: whoever comes in between is a change then.
            var current = new Protocol.Requirement { Contract = Contract, Generation = handle.Generation, CandidatesGeneration = candidates?.Generation ?? 0 };
            if (handle.TryAcquire(out var lease))
            {
                using (lease)
                {
                    current.Generation = lease.Generation;
                    current.Provider = ContextMessages.ToMessage(lease.Provider);
                    var provider = lease.Value;
                    current.Features.Add(features.Where(feature => feature.Type.IsInstanceOfType(provider)).Select(feature => feature.Name));
                }
            }

            foreach (var candidate in candidates?.AcquireAll() ?? [])
            {
                using (candidate)
                {
                    current.Candidates.Add(TrialMessages.ToMessage(candidate.Provider, candidate.Trial));
                }
            }

            return current;
        }
    }

    public override Task WaitForChangeAsync(Protocol.Requirement known, CancellationToken cancellationToken)
    {
        var swapped = handle.WaitForChangeAsync(known.Generation, cancellationToken);
        return candidates is null ? swapped : Task.WhenAny(swapped, candidates.WaitForChangeAsync(known.CandidatesGeneration, cancellationToken));
    }

    public override bool Observe(CandidateName candidate, Action<ITrialObserver> say)
    {
        using var found = Find(candidate);
        if (found is not null)
        {
            say(new Observer(found));
        }

        return found is not null;
    }

    /// <summary>Leases the provider.</summary>
    /// <param name="generation">The one that is meant; null for whoever it is.</param>
    /// <exception cref="RpcException">Nobody provides the contract, or it is another one.</exception>
    public ContractLease<T> Acquire(long? generation)
    {
        if (!handle.TryAcquire(out var lease))
        {
            throw Unavailable($"no plugin provides {Contract}");
        }

        if (generation is { } meant && meant != lease.Generation)
        {
            lease.Dispose();
            throw Unavailable($"the provider of {Contract} has changed");
        }

        return lease;
    }

    /// <summary>Leases one who is tried.</summary>
    /// <exception cref="RpcException">It is tried no more.</exception>
    public Candidate<T> Acquire(CandidateName candidate) => Find(candidate) ?? throw Unavailable($"{candidate} is not tried any more");

    private Candidate<T>? Find(CandidateName name)
    {
        Candidate<T>? found = null;
        foreach (var candidate in candidates?.AcquireAll() ?? [])
        {
            if (found is null && CandidateName.Of(candidate.Provider) == name)
            {
                found = candidate;
            }
            else
            {
                candidate.Dispose();
            }
        }

        return found;
    }

    private static RpcException Unavailable(string why) => new(new Status(StatusCode.Unavailable, why));

    private sealed class Observer(Candidate<T> candidate) : ITrialObserver
    {
        public void Report(System.Text.Json.Nodes.JsonObject report) => candidate.Report(report);

        public void Reject(string reason, string message) => candidate.Reject(reason, message);
    }
}
