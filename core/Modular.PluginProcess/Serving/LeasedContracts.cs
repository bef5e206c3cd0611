using System.Globalization;
using Microsoft.AspNetCore.Http;
using Modular.PluginProcess.Contracts;

namespace Modular.PluginProcess;

/// <summary>Leases whom a call of a plugin's process is for. Not thread-safe, and disposed with the call.</summary>
internal sealed class LeasedContracts(ServedContracts contracts, IHttpContextAccessor call) : IContractSource, IDisposable
{
    private readonly List<IDisposable> _leases = [];

    public T Get<T>()
        where T : class
    {
        var contract = contracts.Find<T>();
        if (CandidateName.Parse(Header(ProcessProtocol.CandidateHeader)) is { } name)
        {
            var candidate = contract.Acquire(name);
            _leases.Add(candidate);
            return candidate.Value;
        }

        var lease = contract.Acquire(long.TryParse(Header(ProcessProtocol.GenerationHeader), CultureInfo.InvariantCulture, out var generation) ? generation : null);
        _leases.Add(lease);
        return lease.Value;
    }

    public void Dispose() => _leases.ForEach(lease => lease.Dispose());

    private string? Header(string name) => call.HttpContext?.Request.Headers[name];
}
