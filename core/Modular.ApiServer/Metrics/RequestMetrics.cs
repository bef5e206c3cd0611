using System.Collections.Concurrent;
using System.Globalization;
using System.Text;

namespace Modular.ApiServer;

/// <summary>Counts requests and shows them as Prometheus text. Counting takes no lock and, after the first of its kind, no memory.</summary>
internal sealed class RequestMetrics
{
    private static readonly double[] Bounds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

    private readonly ConcurrentDictionary<SeriesKey, Series> _series = new();
    private long _watches;

    public void WatchOpened() => Interlocked.Increment(ref _watches);

    public void WatchClosed() => Interlocked.Decrement(ref _watches);

    /// <summary>Counts an answered request; one that named no resource counts as such.</summary>
    public void Completed(in ApiCall call, int code, TimeSpan duration)
    {
        var definition = call.Route.Definition;
        var key = new SeriesKey(call.Verb ?? "", definition?.Resource.Group ?? "", definition?.Resource.Version ?? "",
            definition?.Resource.Resource ?? "", call.Route.Subresource?.Name ?? "", code);
        if (!_series.TryGetValue(key, out var series))
        {
            series = _series.GetOrAdd(key, static _ => new Series());
        }

        // How long a watch lasts says nothing about the server.
        series.Add(key.Verb == "watch" ? null : duration);
    }

    public Task HandleAsync(HttpContext context)
    {
        var text = new StringBuilder();
        ProcessMetrics.Write(text);
        text.Append("# HELP apiserver_longrunning_requests Watches open now.\n# TYPE apiserver_longrunning_requests gauge\n");
        text.Append(CultureInfo.InvariantCulture, $"apiserver_longrunning_requests{{verb=\"WATCH\"}} {Interlocked.Read(ref _watches)}\n");
        text.Append("# HELP apiserver_request_total Requests answered.\n# TYPE apiserver_request_total counter\n");
        foreach (var (key, series) in _series)
        {
            text.Append(CultureInfo.InvariantCulture, $"apiserver_request_total{{{key.Labels()}}} {series.Count}\n");
        }

        text.Append("# HELP apiserver_request_duration_seconds How long answers took.\n# TYPE apiserver_request_duration_seconds histogram\n");
        foreach (var (key, series) in _series)
        {
            if (key.Verb != "watch")
            {
                series.Write(text, key.Labels());
            }
        }

        context.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
        return context.Response.WriteAsync(text.ToString(), context.RequestAborted);
    }

    private readonly record struct SeriesKey(string Verb, string Group, string Version, string Resource, string Subresource, int Code)
    {
        public string Labels() =>
            $"verb=\"{(Verb.Length == 0 ? "OTHER" : Verb.ToUpperInvariant())}\",group=\"{Group}\",version=\"{Version}\","
            + $"resource=\"{Resource}\",subresource=\"{Subresource}\",code=\"{Code}\"";
    }

    private sealed class Series
    {
        private readonly long[] _buckets = new long[Bounds.Length];
        private long _count;
        private long _ticks;

        public long Count => Interlocked.Read(ref _count);

        public void Add(TimeSpan? duration)
        {
            Interlocked.Increment(ref _count);
            if (duration is not { } taken)
            {
                return;
            }

            Interlocked.Add(ref _ticks, taken.Ticks);
            var seconds = taken.TotalSeconds;
            for (var i = 0; i < Bounds.Length; i++)
            {
                if (seconds <= Bounds[i])
                {
                    Interlocked.Increment(ref _buckets[i]);
                    return;
                }
            }
        }

        public void Write(StringBuilder text, string labels)
        {
            const string Name = "apiserver_request_duration_seconds";
            long below = 0;
            for (var i = 0; i < Bounds.Length; i++)
            {
                below += Interlocked.Read(ref _buckets[i]);
                text.Append(CultureInfo.InvariantCulture, $"{Name}_bucket{{{labels},le=\"{Bounds[i]}\"}} {below}\n");
            }

            text.Append(CultureInfo.InvariantCulture, $"{Name}_bucket{{{labels},le=\"+Inf\"}} {Count}\n");
            text.Append(CultureInfo.InvariantCulture,
                $"{Name}_sum{{{labels}}} {TimeSpan.FromTicks(Interlocked.Read(ref _ticks)).TotalSeconds}\n");
            text.Append(CultureInfo.InvariantCulture, $"{Name}_count{{{labels}}} {Count}\n");
        }
    }
}
