using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Modular.Abstractions;
using Modular.ApiMachinery;

namespace Modular.Plugins.Scheduling.Trials;

/// <summary>
/// One candidate beside the live scheduler. It is asked by a task of its own, so that the driver never waits for it, and judged in a world of
/// its own, so that another's placements are never held against it. A shadow's world keeps the shadow's placements; a canary's is the true one.
/// The driver's loop calls everything but what says otherwise.
/// </summary>
internal sealed partial class CandidateTrial : IAsyncDisposable
{
    private const int MostWaiting = 64;
    private const int FewestFailures = 3;
    private static readonly TimeSpan ReportInterval = TimeSpan.FromSeconds(1);

    private readonly Channel<TrialBatch> _work = Channel.CreateUnbounded<TrialBatch>(new UnboundedChannelOptions { SingleReader = true });
    private readonly CancellationTokenSource _stop = new();
    private readonly Candidate<IScheduler> _candidate;
    private readonly LabelSelector _selector;
    private readonly LedgerFeed _truth;
    private readonly TrialWorld _world;
    private readonly TrialWorld? _liveWorld;
    private readonly ChannelWriter<DriverMessage> _driver;
    private readonly SchedulingOptions _options;
    private readonly PlacementLog _placements;
    private readonly SchedulingMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly ITimer _reporting;
    private readonly Task _run;
    private FedSession? _session;
    private bool _isFed;
    private int _waiting;
    private volatile bool _isOver;
    private long _notBeforeTicks;
    private long _lastReport;

    public CandidateTrial(
        Candidate<IScheduler> candidate, LedgerFeed truth, ChannelWriter<DriverMessage> driver, SchedulingOptions options,
        PlacementLog placements, SchedulingMetrics metrics, TimeProvider time, ILogger log)
    {
        _candidate = candidate;
        _selector = LabelSelector.Parse(candidate.Trial.Selector);
        _truth = truth;
        _driver = driver;
        _options = options;
        _placements = placements;
        _metrics = metrics;
        _time = time;
        _log = log;
        _world = new TrialWorld(keepsOwn: !IsCanary);
        _liveWorld = IsCanary ? null : new TrialWorld(keepsOwn: false);
        Report = new TrialReport(candidate.Provider.Id, time.GetUtcNow());
        _reporting = time.CreateTimer(_ => SendReport(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _run = Task.Run(RunAsync);
    }

    public TrialReport Report { get; }

    public PluginIdentity Provider => _candidate.Provider;

    public bool IsCanary => _candidate.Trial.Mode == TrialMode.Canary;

    /// <summary>What the candidate has not been told of the true cluster.</summary>
    public LedgerFeed Truth => _truth;

    /// <summary>Whether the candidate can be asked now: it has not failed just now, and has not too much to do.</summary>
    public bool CanTake =>
        !_isOver && _time.GetUtcNow().UtcTicks >= Interlocked.Read(ref _notBeforeTicks)
        && Volatile.Read(ref _waiting) < MostWaiting;

    /// <summary>Whether the pod belongs to the share that the candidate is tried on.</summary>
    public bool Wants(SchedulingPod pod) => _selector.Matches(pod.Labels) && PodShare.Of(pod.Uid) < _candidate.Trial.Share;

    /// <summary>Has a canary place pods; the driver hears its answer.</summary>
    public void Ask(IReadOnlyList<PendingPod> pods)
    {
        var asked = new SchedulingPod[pods.Count];
        for (var i = 0; i < asked.Length; i++)
        {
            asked[i] = pods[i].Pod;
        }

        Offer(new TrialBatch(TakeDelta(), asked) { Pending = pods });
    }

    /// <summary>Has a shadow say where it would put pods, before the live scheduler's placements are carried out.</summary>
    public void Ask(IReadOnlyList<SchedulingPod> pods, IReadOnlyList<string> live) => Offer(new TrialBatch(TakeDelta(), pods) { Live = live });

    /// <summary>There are new figures, of the candidate or of the live scheduler: reports them, once a second at most. For any thread.</summary>
    public void ReportSoon()
    {
        var last = Interlocked.Read(ref _lastReport);
        var wait = last == 0 ? TimeSpan.Zero : ReportInterval - _time.GetElapsedTime(last);
        _reporting.Change(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Ends the trial and gives the candidate back; what it has not answered is asked of the live scheduler.</summary>
    public async ValueTask DisposeAsync()
    {
        _isOver = true;
        await _stop.CancelAsync().ConfigureAwait(false);
        await _run.ConfigureAwait(false);
        _stop.Dispose();
    }

    private ClusterDelta? TakeDelta()
    {
        var delta = _truth.Take(whole: !_isFed);
        _isFed = true;
        return delta;
    }

    private void Offer(TrialBatch batch)
    {
        Interlocked.Increment(ref _waiting);
        if (!_work.Writer.TryWrite(batch))
        {
            Answer(batch, null);
        }
    }

    private async Task RunAsync()
    {
        try
        {
            await foreach (var batch in _work.Reader.ReadAllAsync(_stop.Token).ConfigureAwait(false))
            {
                await JudgeAsync(batch).ConfigureAwait(false);
                ReportSoon();
                if (_isOver)
                {
                    break;
                }
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The end of the trial.
        }
        finally
        {
            _isOver = true;
            await CloseAsync().ConfigureAwait(false);
        }
    }

    private async Task CloseAsync()
    {
        _work.Writer.Complete();
        while (_work.Reader.TryRead(out var unanswered))
        {
            Answer(unanswered, null);
        }

        await _reporting.DisposeAsync().ConfigureAwait(false);
        _candidate.Report(Report.ToJson());
        await CloseSessionAsync().ConfigureAwait(false);
        _placements.Dispose();
        _candidate.Dispose();
    }

    private async Task JudgeAsync(TrialBatch batch)
    {
        if (batch.Delta is { } delta)
        {
            _world.Apply(delta);
            _liveWorld?.Apply(delta);
        }

        if (!IsCanary)
        {
            batch = WithoutPlaced(batch);
        }

        var pods = batch.Pods;
        IReadOnlyList<Placement> placements = [];
        if (pods.Count > 0)
        {
            try
            {
                placements = await PlaceAsync(pods, _stop.Token).ConfigureAwait(false);
            }
            catch (Exception error) when (error is not OperationCanceledException || !_stop.IsCancellationRequested)
            {
                await FailAsync(batch, pods.Count, error).ConfigureAwait(false);
                return;
            }
            catch
            {
                Answer(batch, null);
                throw;
            }

            if (!Settle(pods, placements, _session!.LastDuration))
            {
                Answer(batch, null);
                return;
            }
        }

        Answer(batch, placements);
        Record(batch, placements);
    }

    /// <summary>In a shadow's world, pods that the live scheduler could not place may long have their node.</summary>
    private TrialBatch WithoutPlaced(TrialBatch batch)
    {
        var pods = new List<SchedulingPod>(batch.Pods.Count);
        var live = new List<string>(batch.Pods.Count);
        for (var i = 0; i < batch.Pods.Count; i++)
        {
            if (batch.Live[i].Length > 0)
            {
                _liveWorld!.TryPlace(batch.Pods[i], batch.Live[i]);
            }

            if (!_world.Holds(batch.Pods[i].Uid))
            {
                pods.Add(batch.Pods[i]);
                live.Add(batch.Live[i]);
            }
        }

        return batch with { Pods = pods, Live = live };
    }

    private async Task<IReadOnlyList<Placement>> PlaceAsync(IReadOnlyList<SchedulingPod> pods, CancellationToken cancellationToken)
    {
        _session ??= await FedSession.OpenAsync(
            _candidate.Value, _world.Feed, _options.Seed, _options.TrialDeadline, _time, cancellationToken).ConfigureAwait(false);
        return await _session.PlaceAsync(pods, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Carries placements out in the candidate's world; false if one can't be, which ends the trial.</summary>
    private bool Settle(IReadOnlyList<SchedulingPod> pods, IReadOnlyList<Placement> placements, TimeSpan duration)
    {
        var placed = 0;
        for (var i = 0; i < pods.Count; i++)
        {
            var node = placements[i].NodeName;
            if (node.Length == 0)
            {
                continue;
            }

            placed++;
            if (!_world.TryPlace(pods[i], node))
            {
                Report.CandidateOvercommitted();
                Reject("Overcommitted", $"{Provider.Id} put pod {pods[i].Namespace}/{pods[i].Name} on node {node}, where it does not fit");
                return false;
            }
        }

        Report.CandidateAnswered(placed, pods.Count - placed, duration);
        _metrics.TrialPods(Provider.Name, placed, pods.Count - placed);
        return true;
    }

    private async Task FailAsync(TrialBatch batch, int pods, Exception error)
    {
        LogFailure(Provider.Name, Provider.Id, error.Message);
        var (failures, percent) = Report.CandidateFailed(pods, error.Message);
        _metrics.TrialFailure(Provider.Name);
        if (error is CallStalledException)
        {
            Reject("Stalled", $"{Provider.Id} did not place {pods} pods: {error.Message}");
        }
        else if (failures >= FewestFailures && percent >= _options.TrialFailurePercent)
        {
            Reject("Failures", $"{Provider.Id} failed {failures} times, for {percent:0.#} % of the pods; last: {error.Message}");
        }
        else
        {
            // It may be a process that is started again; until then it is not asked.
            var wait = Toolkit.BackOffDelay.After(_options.FirstBackOff, _options.LongestBackOff, (int)Math.Min(failures - 1, FewestFailures));
            Interlocked.Exchange(ref _notBeforeTicks, (_time.GetUtcNow() + wait).UtcTicks);
        }

        Answer(batch, null);
        await CloseSessionAsync().ConfigureAwait(false);
    }

    private void Reject(string reason, string message)
    {
        _isOver = true;
        _candidate.Report(Report.ToJson());
        _candidate.Reject(reason, message);
    }

    private void Record(TrialBatch batch, IReadOnlyList<Placement> placements)
    {
        for (var i = 0; i < placements.Count; i++)
        {
            var live = IsCanary ? null : batch.Live[i];
            _placements.Write(batch.Pods[i], live, placements[i].NodeName);
            if (live is not null)
            {
                Report.Compared(batch.Pods[i], live, placements[i].NodeName);
            }
        }

        _placements.Flush();
        if (_liveWorld is not null)
        {
            Report.Packed(_liveWorld.Pack(), _world.Pack());
        }
    }

    private void Answer(TrialBatch batch, IReadOnlyList<Placement>? placements)
    {
        Interlocked.Decrement(ref _waiting);
        if (IsCanary)
        {
            _driver.TryWrite(new DriverMessage(DriverNews.CanaryAnswered, Answer: new TrialAnswer(this, batch.Pending, placements)));
        }
    }

    private async Task CloseSessionAsync()
    {
        if (_session is not { } session)
        {
            return;
        }

        _session = null;
        try
        {
            await session.DisposeAsync().AsTask().WaitAsync(_options.TrialDeadline, _time).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            LogFailure(Provider.Name, Provider.Id, error.Message);
        }
    }

    private void SendReport()
    {
        Interlocked.Exchange(ref _lastReport, _time.GetTimestamp());
        _candidate.Report(Report.ToJson());
    }

    [LoggerMessage(LogLevel.Warning, "candidate {Name} ({Scheduler}) failed: {Error}")]
    private partial void LogFailure(string name, string scheduler, string error);
}
