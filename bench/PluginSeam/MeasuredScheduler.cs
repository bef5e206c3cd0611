using System.Diagnostics;
using Modular.Abstractions;
using Modular.PluginLoader;
using Modular.Fixtures;

namespace PluginSeam;

/// <summary>A scheduler with a session, and the times of what it is asked.</summary>
internal sealed class MeasuredScheduler(InstalledPlugin plugin, IPluginLoader loader, string root) : IAsyncDisposable
{
    private readonly TestContextOfPlugin _context = new(root, new PluginIdentity("scheduler", "scheduler-binpack", "0.1.0", 1), "{}");
    private readonly IPlugin _plugin = loader.Load(plugin, PluginLimits.None).Create();
    private ISchedulingSession? _session;
    private long _revision = 1;
    private int _pods;

    public async Task StartAsync(int nodes)
    {
        await _plugin.ProvisionAsync(_context, CancellationToken.None);
        await _plugin.StartAsync(CancellationToken.None);
        _session = await ((IScheduler)_context.Provided[typeof(IScheduler)]).OpenAsync(new SchedulingSessionOptions(), CancellationToken.None);
        var all = Enumerable.Range(0, nodes).Select(i => new SchedulingNode
        {
            Name = $"node-{i:0000}",
            Labels = new Dictionary<string, string> { ["kubernetes.io/hostname"] = $"node-{i:0000}", ["topology.kubernetes.io/zone"] = $"zone-{i % 3}" },
            Allocatable = new ResourceAmounts { MilliCpu = 64_000, Memory = 256L << 30, Pods = 110 },
        });
        await _session.UpdateAsync(new ClusterDelta { Revision = _revision, Nodes = [.. all] }, CancellationToken.None);
    }

    /// <summary>Has pods placed, and takes them away again untimed.</summary>
    /// <returns>Milliseconds.</returns>
    public async Task<double> BatchAsync(int count)
    {
        var batch = Enumerable.Range(0, count).Select(_ => new SchedulingPod
        {
            Uid = $"5f0f6f0e-0000-4000-8000-{_pods++:000000000000}",
            Namespace = "default",
            Name = $"web-{_pods}",
            Labels = new Dictionary<string, string> { ["app"] = "web", ["pod-template-hash"] = "5d4f8c7b9" },
            Requests = new ResourceAmounts { MilliCpu = 250, Memory = 512 << 20, Pods = 1 },
            OwnerUid = "5f0f6f0e-1111-4000-8000-000000000000",
        }).ToList();
        var begun = Stopwatch.GetTimestamp();
        var placements = await _session!.PlaceAsync(batch, CancellationToken.None);
        var elapsed = Stopwatch.GetElapsedTime(begun).TotalMilliseconds;
        if (placements.Any(placement => placement.NodeName.Length == 0))
        {
            throw new InvalidOperationException("not every pod was placed");
        }

        await _session.UpdateAsync(
            new ClusterDelta { Base = _revision, Revision = ++_revision, RemovedPods = [.. batch.Select(pod => pod.Uid)] }, CancellationToken.None);
        return elapsed;
    }

    /// <summary>Tells that nothing has changed.</summary>
    /// <returns>Milliseconds.</returns>
    public async Task<double> QuestionAsync()
    {
        var delta = new ClusterDelta { Base = _revision, Revision = ++_revision };
        var begun = Stopwatch.GetTimestamp();
        await _session!.UpdateAsync(delta, CancellationToken.None);
        return Stopwatch.GetElapsedTime(begun).TotalMilliseconds;
    }

    public async ValueTask DisposeAsync()
    {
        if (_session is not null)
        {
            await _session.DisposeAsync();
        }

        await _plugin.StopAsync(StopReason.Shutdown, CancellationToken.None);
        await _plugin.DisposeAsync();
        _context.Dispose();
    }
}
