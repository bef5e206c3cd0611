using Modular.Models;

namespace Modular.Plugins.NodeAgent.Probes;

/// <summary>The probes of one run of a container. The others wait for the startup probe.</summary>
internal sealed class ContainerProbes(
    Container container, DateTimeOffset startedAt, bool wasReady, bool wasStarted,
    Func<Probe, CancellationToken, Task<ProbeAnswer>> ask, Action<ProbeType, string> failed, Action changed, TimeProvider time) : IAsyncDisposable
{
    private readonly List<ProbeLoop> _loops = [];
    private bool _started = wasStarted || container.StartupProbe is null;
    private ProbeLoop? _startup;
    private ProbeLoop? _liveness;
    private ProbeLoop? _readiness;

    public bool Started => _started || _startup is { Verdict: true };

    public bool Ready => Started && (container.ReadinessProbe is null || _readiness is { Verdict: true });

    /// <summary>The probe that wants the container restarted; null for none.</summary>
    public ProbeType? Condemned =>
        !Started && _startup is { Failed: true } ? ProbeType.Startup : _liveness is { Failed: true } ? ProbeType.Liveness : null;

    /// <summary>Starts the probes whose time has come, and ends the startup probe once it has succeeded.</summary>
    public async ValueTask AdvanceAsync()
    {
        if (!Started)
        {
            _startup ??= Start(ProbeType.Startup, container.StartupProbe!, initial: false);
            return;
        }

        _started = true;
        if (_startup is { } done)
        {
            _startup = null;
            _loops.Remove(done);
            await done.DisposeAsync().ConfigureAwait(false);
        }

        if (container.LivenessProbe is { } liveness)
        {
            _liveness ??= Start(ProbeType.Liveness, liveness, initial: true);
        }

        if (container.ReadinessProbe is { } readiness)
        {
            _readiness ??= Start(ProbeType.Readiness, readiness, wasReady);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var loop in _loops)
        {
            await loop.DisposeAsync().ConfigureAwait(false);
        }
    }

    private ProbeLoop Start(ProbeType type, Probe probe, bool initial)
    {
        var loop = new ProbeLoop(probe, initial, startedAt, stop => ask(probe, stop), output => failed(type, output), changed, time);
        _loops.Add(loop);
        return loop;
    }
}
