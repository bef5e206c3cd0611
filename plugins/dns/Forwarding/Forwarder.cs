using System.Net.Sockets;
using Modular.Plugins.Dns.Wire;

namespace Modular.Plugins.Dns.Forwarding;

/// <summary>
/// Asks other servers. Whoever asks what is being asked already waits for the same answer, so that a question which comes back to this
/// server by a detour goes round once and not for ever. Thread-safe.
/// </summary>
internal sealed class Forwarder(UpstreamServers servers, DnsOptions options, TimeProvider time, DnsMetrics metrics) : IAsyncDisposable
{
    private const int Rounds = 2;

    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private readonly Dictionary<byte[], Task<UpstreamAnswer?>> _inFlight = new(WireNameComparer.Instance);
    private readonly AnswerCache _cache = new(options.CacheEntries, time);
    private int _favourite;
    private int _disposed;

    /// <summary>How many answers are kept.</summary>
    public int Cached => _cache.Count;

    /// <summary>How many questions are on their way.</summary>
    public int InFlight
    {
        get
        {
            lock (_lock)
            {
                return _inFlight.Count;
            }
        }
    }

    /// <summary>An answer that is still good, and how many seconds ago it came.</summary>
    public bool TryGetKept(ReadOnlySpan<byte> key, out UpstreamAnswer answer, out uint age) => _cache.TryGet(key, out answer, out age);

    /// <summary>Asks the servers one after the other. Null if none of them knows, or too many questions are on their way.</summary>
    public Task<UpstreamAnswer?> AskAsync(UpstreamQuestion question)
    {
        TaskCompletionSource<UpstreamAnswer?> answering;
        lock (_lock)
        {
            if (_inFlight.TryGetValue(question.Key, out var running))
            {
                return running;
            }

            if (_inFlight.Count >= options.MostForwarded || _stop.IsCancellationRequested)
            {
                return Task.FromResult<UpstreamAnswer?>(null);
            }

            answering = new TaskCompletionSource<UpstreamAnswer?>(TaskCreationOptions.RunContinuationsAsynchronously);
            _inFlight.Add(question.Key, answering.Task);
        }

        _ = CompleteAsync(question, answering);
        return answering.Task;
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        await _stop.CancelAsync().ConfigureAwait(false);
        Task[] rest;
        lock (_lock)
        {
            rest = [.. _inFlight.Values];
        }

        await Task.WhenAll(rest).ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task CompleteAsync(UpstreamQuestion question, TaskCompletionSource<UpstreamAnswer?> answering)
    {
        UpstreamAnswer? answer = null;
        var started = time.GetTimestamp();
        try
        {
            answer = await AskServersAsync(question).ConfigureAwait(false);
            if (answer is not null)
            {
                _cache.Put(answer);
            }
        }
        finally
        {
            metrics.Forwarded(answer is not null, time.GetElapsedTime(started));
            lock (_lock)
            {
                _inFlight.Remove(question.Key);
            }

            answering.SetResult(answer);
        }
    }

    private async Task<UpstreamAnswer?> AskServersAsync(UpstreamQuestion question)
    {
        UpstreamAnswer? last = null;
        var candidates = servers.Current();
        for (var attempt = 0; attempt < Rounds * candidates.Count && !_stop.IsCancellationRequested; attempt++)
        {
            var index = (Volatile.Read(ref _favourite) + attempt) % candidates.Count;
            using var late = new CancellationTokenSource(options.ForwardTimeout, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, _stop.Token);
            try
            {
                var answer = await UpstreamExchange.AskAsync(question, candidates[index], either.Token).ConfigureAwait(false);
                last = answer ?? last;
                if (answer is { Code: ResponseCode.NoError or ResponseCode.NameError })
                {
                    Volatile.Write(ref _favourite, index);
                    return answer;
                }
            }
            catch (Exception error) when (error is SocketException or OperationCanceledException or IOException)
            {
                // The next server may be there.
            }
        }

        return last;
    }
}
