using System.Globalization;
using System.Text.Json.Nodes;
using Modular.Abstractions;

namespace Modular.Plugins.RelayFixture;

/// <summary>A scheduler that asks another scheduler, or one that is tried, and a name server that asks a service proxy and says which.</summary>
public sealed class RelayFixturePlugin : IPlugin, IScheduler, IDnsServer
{
    /// <summary>Seeds of sessions that are for the one that is tried.</summary>
    private const int Tried = -1;
    private const int Rejected = -2;

    private ContractHandle<IScheduler>? _scheduler;
    private CandidateHandle<IScheduler>? _candidates;
    private ContractHandle<IServiceProxy>? _proxy;
    private bool _availableAtStart;

    public ValueTask ProvisionAsync(IPluginContext context, CancellationToken cancellationToken)
    {
        _scheduler = context.Require<IScheduler>();
        _candidates = context.RequireCandidates<IScheduler>();
        _proxy = context.Require<IServiceProxy>();
        _availableAtStart = _proxy.IsAvailable;
        context.Provide<IScheduler>(this);
        context.Provide<IDnsServer>(this);
        return ValueTask.CompletedTask;
    }

    public async ValueTask<ISchedulingSession> OpenAsync(SchedulingSessionOptions options, CancellationToken cancellationToken)
    {
        if (options.Seed is Tried or Rejected)
        {
            return await TryAsync(options, cancellationToken);
        }

        var lease = _scheduler!.Acquire();
        return new RelayedSession(await lease.Value.OpenAsync(options, cancellationToken), lease);
    }

    private async ValueTask<ISchedulingSession> TryAsync(SchedulingSessionOptions options, CancellationToken cancellationToken)
    {
        var candidate = _candidates!.AcquireAll().Single();
        candidate.Report(new JsonObject { ["tries"] = candidate.Provider.Id, ["on"] = $"{candidate.Trial.Mode} {candidate.Trial.Selector} {candidate.Trial.Share}" });
        if (options.Seed == Rejected)
        {
            candidate.Reject("TooSlow", "it took too long");
        }

        return new RelayedSession(await candidate.Value.OpenAsync(options, cancellationToken), candidate);
    }

    public async ValueTask<ServiceReport> ApplyAsync(ServiceDelta delta, CancellationToken cancellationToken)
    {
        using var lease = _proxy!.Acquire();
        if (delta.Removed.Contains("late"))
        {
            await _proxy.WaitForChangeAsync(lease.Generation, cancellationToken);
        }

        var report = await lease.Value.ApplyAsync(delta, cancellationToken);
        var generation = lease.Generation.ToString(CultureInfo.InvariantCulture);
        return report with { Problems = [.. report.Problems, new ServiceProblem(lease.Provider.Id, generation, "Relayed", $"available at start: {_availableAtStart}")] };
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private sealed class RelayedSession(ISchedulingSession session, IDisposable lease) : ISchedulingSession
    {
        public ValueTask<bool> UpdateAsync(ClusterDelta delta, CancellationToken cancellationToken) => session.UpdateAsync(delta, cancellationToken);

        public ValueTask<IReadOnlyList<Placement>> PlaceAsync(IReadOnlyList<SchedulingPod> pods, CancellationToken cancellationToken) =>
            session.PlaceAsync(pods, cancellationToken);

        public async ValueTask DisposeAsync()
        {
            await session.DisposeAsync();
            lease.Dispose();
        }
    }
}
