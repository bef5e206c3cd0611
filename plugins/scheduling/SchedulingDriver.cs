using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Modular.Abstractions;
using Modular.ApiMachinery;
using Modular.Models;
using Modular.Plugins.Scheduling.Trials;
using Modular.Toolkit;

namespace Modular.Plugins.Scheduling;

/// <summary>
/// One loop owns queue and ledger. It hears of pods, nodes, bindings and swaps through one channel, takes in all news there is, then has
/// the scheduler place a batch, reserves what fits, and hands the bindings out. Nothing else touches its state, so nothing is locked.
/// </summary>
internal sealed partial class SchedulingDriver : IAsyncDisposable
{
    private const string NoScheduler = "no scheduler plugin is running; the pod is placed as soon as one provides modular.scheduler";

    private const int FailuresToTell = 3;

    private readonly Channel<DriverMessage> _news = Channel.CreateUnbounded<DriverMessage>(new UnboundedChannelOptions { SingleReader = true });
    private readonly List<PendingPod> _batch = [];
    private readonly List<SchedulingPod> _batchPods = [];
    private readonly IApiClient _api;
    private readonly ContractHandle<IScheduler> _scheduler;
    private readonly SchedulingOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly SchedulingMetrics _metrics;
    private readonly ReservationLedger _ledger = new();
    private readonly PendingQueue _queue;
    private readonly LedgerFeed _feed;
    private readonly SchedulerSession _session;
    private readonly CandidateHandle<IScheduler> _candidates;
    private readonly CandidateTrials _trials;
    private readonly EventRecorder _events;
    private readonly BindingWriter _bindings;
    private readonly VerdictWriter _verdicts;
    private readonly ITimer _timer;
    private readonly Action<SchedulerState, string> _reportScheduler;
    private bool _podsComplete;
    private bool _nodesComplete;
    private (SchedulerState State, string Message)? _reported;
    private int _outstanding;
    private int _sessionFailures;
    private DateTimeOffset _sessionNotBefore;

    public SchedulingDriver(
        IApiClient api,
        ContractHandle<IScheduler> scheduler,
        CandidateHandle<IScheduler> candidates,
        SchedulingOptions options,
        string trialDirectory,
        TimeProvider time,
        ILogger log,
        SchedulingMetrics metrics,
        Action<SchedulerState, string> reportScheduler)
    {
        _api = api;
        _scheduler = scheduler;
        _candidates = candidates;
        _options = options;
        _time = time;
        _log = log;
        _metrics = metrics;
        _reportScheduler = reportScheduler;
        _queue = new PendingQueue(options, time);
        _feed = _ledger.OpenFeed();
        _session = new SchedulerSession(scheduler, _feed, options, time, log);
        _trials = new CandidateTrials(candidates, _ledger, _news.Writer, options, trialDirectory, metrics, time, log);
        _events = new EventRecorder(api, options.SchedulerName, time, log);
        _bindings = new BindingWriter(api, _events, _news.Writer, time, metrics, log);
        _verdicts = new VerdictWriter(api, _events, time, log);
        _timer = time.CreateTimer(
            static state => ((ChannelWriter<DriverMessage>)state!).TryWrite(new DriverMessage(DriverNews.Wake)),
            _news.Writer, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Runs until it is cancelled; throws if an informer cannot be had.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var parts = new[]
        {
            ClusterFeed.RunAsync(_api, _news.Writer, ended.Token),
            FollowSchedulerAsync(ended.Token),
            FollowCandidatesAsync(ended.Token),
            _bindings.RunAsync(_options.BindingsInFlight, ended.Token),
            _verdicts.RunAsync(ended.Token),
            LoopAsync(ended.Token),
        };
        try
        {
            await (await Task.WhenAny(parts).ConfigureAwait(false)).ConfigureAwait(false);
        }
        finally
        {
            await ended.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(parts).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _timer.DisposeAsync().ConfigureAwait(false);
        await _trials.DisposeAsync().ConfigureAwait(false);
        await _session.DisposeAsync().ConfigureAwait(false);
        await _events.DisposeAsync().ConfigureAwait(false);
    }

    private async Task FollowSchedulerAsync(CancellationToken stop)
    {
        while (true)
        {
            var generation = _scheduler.Generation;
            _news.Writer.TryWrite(new DriverMessage(DriverNews.SchedulerChanged));
            await _scheduler.WaitForChangeAsync(generation, stop).ConfigureAwait(false);
        }
    }

    private async Task FollowCandidatesAsync(CancellationToken stop)
    {
        while (true)
        {
            var generation = _candidates.Generation;
            _news.Writer.TryWrite(new DriverMessage(DriverNews.CandidatesChanged));
            await _candidates.WaitForChangeAsync(generation, stop).ConfigureAwait(false);
        }
    }

    private async Task LoopAsync(CancellationToken stop)
    {
        while (await _news.Reader.WaitToReadAsync(stop).ConfigureAwait(false))
        {
            do
            {
                while (_news.Reader.TryRead(out var message))
                {
                    TakeIn(message);
                }
            }
            while (await ScheduleBatchAsync(stop).ConfigureAwait(false));

            SetTimer();
            _metrics.Queue(_queue.Count, _queue.Unschedulable);
        }
    }

    private void TakeIn(DriverMessage message)
    {
        switch (message.News)
        {
            case DriverNews.Pod:
                PutPod(message.Object!);
                break;
            case DriverNews.PodGone:
                RemovePod(message.Object!.Metadata.Uid);
                break;
            case DriverNews.PodsComplete:
                _podsComplete = true;
                break;
            case DriverNews.Node:
                var isFirst = _ledger.NodeCount == 0;
                var node = NodeReading.Read(message.Object!);
                if (!_ledger.PutNode(node))
                {
                    break;
                }

                if (isFirst)
                {
                    // Whoever waited was told that there is no node. Those that do not fit this one are told why.
                    _queue.ActivateAll();
                }
                else
                {
                    _queue.ActivateFitting(_ledger.Room(node.Name)!);
                }

                break;
            case DriverNews.NodeGone:
                _ledger.RemoveNode(message.Object!.Metadata.Name);
                break;
            case DriverNews.NodesComplete:
                _nodesComplete = true;
                break;
            case DriverNews.Bound:
                _outstanding--;
                break;
            case DriverNews.NotBound:
                _outstanding--;
                GiveBack(_ledger.ReleaseAssumed(message.Pod!.Pod.Uid));
                _queue.Retry(message.Pod);
                break;
            case DriverNews.BindingObsolete:
                _outstanding--;
                GiveBack(_ledger.ReleaseAssumed(message.Pod!.Pod.Uid));
                break;
            case DriverNews.SchedulerChanged:
                _sessionFailures = 0;
                _sessionNotBefore = default;
                if (_reported?.State == SchedulerState.Failing)
                {
                    // That was another; this one has not failed.
                    Report(SchedulerState.Working, "");
                }

                _session.Follow();
                _queue.ActivateAll();
                break;
            case DriverNews.CandidatesChanged:
                _trials.Follow();
                break;
            case DriverNews.CanaryAnswered:
                TakeAnswer(message.Answer!);
                break;
        }
    }

    private void TakeAnswer(TrialAnswer answer)
    {
        for (var i = 0; i < answer.Pods.Count; i++)
        {
            var pod = answer.Pods[i];
            var placement = answer.Placements?[i];
            if (placement is not { NodeName.Length: > 0 })
            {
                // A candidate can't keep a pod from running.
                pod.IsForLive = true;
                _queue.Return(pod);
            }
            else if (pod.State != PendingState.InFlight)
            {
                answer.Trial.Truth.TouchPod(pod.Pod.Uid);
            }
            else if (!TryBind(pod, placement.NodeName, answer.Trial.Truth, answer.Trial.Provider.Id))
            {
                // Others took the room while the canary was thinking.
                _queue.Return(pod);
            }
        }
    }

    private void PutPod(ApiObject obj)
    {
        var pod = obj.AsPod();
        if (pod.Status.IsTerminal)
        {
            RemovePod(obj.Metadata.Uid);
        }
        else if (pod.Spec.NodeName.Length > 0)
        {
            _queue.Remove(obj.Metadata.Uid);
            _ledger.Confirm(PodReading.Read(obj));
        }
        else if (pod.Spec.SchedulerName != _options.SchedulerName || pod.Spec.SchedulingGates.Count > 0 || obj.Metadata.DeletionTimestamp is not null)
        {
            _queue.Remove(obj.Metadata.Uid);
        }
        else
        {
            _queue.Put(obj);
        }
    }

    private void RemovePod(string uid)
    {
        _queue.Remove(uid);
        GiveBack(_ledger.Release(uid));
        _trials.Forget(uid);
    }

    private void GiveBack(NodeRoom? room)
    {
        if (room is not null)
        {
            _queue.ActivateFitting(room);
        }
    }

    /// <summary>Has one batch placed; true if another one may follow at once.</summary>
    private async ValueTask<bool> ScheduleBatchAsync(CancellationToken stop)
    {
        _queue.MoveDue();
        var room = Math.Min(_options.BatchSize, _options.MostOutstanding - _outstanding);
        if (!_podsComplete || !_nodesComplete || _queue.Ready == 0 || room <= 0 || _sessionNotBefore > _time.GetUtcNow())
        {
            return false;
        }

        _batch.Clear();
        _batchPods.Clear();
        _queue.Take(_batch, room);
        _trials.TakeOut(_batch);
        if (_batch.Count == 0)
        {
            return _queue.Ready > 0;
        }

        foreach (var pod in _batch)
        {
            _batchPods.Add(pod.Pod);
        }

        IReadOnlyList<Placement> placements;
        try
        {
            if (!await _session.OpenAsync(stop).ConfigureAwait(false))
            {
                Report(SchedulerState.Missing, "");
                ParkBatch("SchedulerUnavailable", NoScheduler);
                return _queue.Ready > 0;
            }

            var started = _time.GetTimestamp();
            placements = await _session.PlaceAsync(_batchPods, stop).ConfigureAwait(false);
            var duration = _time.GetElapsedTime(started);
            _metrics.Batch(duration);
            _trials.Compare(_session.Provider, _batchPods, placements, duration);
        }
        catch (Exception error) when (error is not OperationCanceledException || !stop.IsCancellationRequested)
        {
            HandleSchedulerFailure(error);
            return false;
        }

        _sessionFailures = 0;
        Report(SchedulerState.Working, "");
        for (var i = 0; i < placements.Count; i++)
        {
            Carry(_batch[i], placements[i]);
        }

        return _queue.Ready > 0;
    }

    private void Carry(PendingPod pod, Placement placement)
    {
        if (placement.NodeName.Length == 0)
        {
            _queue.Park(pod);
            _verdicts.Write(pod, "Unschedulable", RefusalTally.Describe(_ledger.NodeCount, placement.Refused));
        }
        else if (!TryBind(pod, placement.NodeName, _feed, _session.Provider))
        {
            _metrics.Refused();
            _trials.LiveOvercommitted();
            LogRefused(_session.Provider, pod.Object.Name, placement.NodeName);
            _queue.Retry(pod);
        }
    }

    private bool TryBind(PendingPod pod, string node, LedgerFeed chooser, string scheduler)
    {
        if (!_ledger.TryReserve(pod.Pod, node, chooser))
        {
            return false;
        }

        pod.Verdict = "";
        _outstanding++;
        _bindings.Bind(pod, node, scheduler);
        return true;
    }

    private void ParkBatch(string reason, string message)
    {
        foreach (var pod in _batch)
        {
            _queue.Park(pod);
            _verdicts.Write(pod, reason, message);
        }
    }

    private void HandleSchedulerFailure(Exception error)
    {
        LogSchedulerFailure(error, _session.Provider);
        _trials.LiveFailed(_batch.Count, error.Message);
        _sessionNotBefore = _time.GetUtcNow() + BackOffDelay.After(_options.FirstBackOff, _options.LongestBackOff, _sessionFailures++);
        foreach (var pod in _batch)
        {
            _queue.Return(pod);
        }

        // One failure may be a process that is started again; whoever owns the pods hears of more.
        if (_sessionFailures >= FailuresToTell)
        {
            var message = $"scheduler {_session.Provider} failed {FailuresToTell} times or more in a row, and is asked again; last: {error.Message}";
            Report(SchedulerState.Failing, message);
            foreach (var pod in _batch)
            {
                _verdicts.Write(pod, "SchedulerFailed", message);
            }
        }

        _session.Close();
    }

    private void Report(SchedulerState state, string message)
    {
        if (_reported != (state, message))
        {
            _reported = (state, message);
            _reportScheduler(state, message);
        }
    }

    private void SetTimer()
    {
        var due = _queue.NextDue;
        if (_queue.Ready > 0 && _sessionNotBefore > _time.GetUtcNow() && (due is null || _sessionNotBefore < due))
        {
            due = _sessionNotBefore;
        }

        if (due is { } at)
        {
            var wait = at - _time.GetUtcNow();
            _timer.Change(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        }
    }

    [LoggerMessage(LogLevel.Warning, "scheduler {Scheduler} put pod {Pod} on node {Node}, where it does not fit; it is tried again")]
    private partial void LogRefused(string scheduler, ObjectName pod, string node);

    [LoggerMessage(LogLevel.Error, "scheduler {Scheduler} failed; its batch goes back to the queue")]
    private partial void LogSchedulerFailure(Exception error, string scheduler);
}
