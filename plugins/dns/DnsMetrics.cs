using System.Diagnostics.Metrics;
using Modular.Plugins.Dns.Forwarding;
using Modular.Plugins.Dns.Records;

namespace Modular.Plugins.Dns;

/// <summary>Who knew an answer.</summary>
internal enum AnswerSource
{
    Cluster,
    Cache,
    Upstream,
}

/// <summary>What the server measures.</summary>
internal sealed class DnsMetrics
{
    private static readonly string[] Codes = [.. Enumerable.Range(0, 16).Select(CodeName)];
    private static readonly string[] Sources = ["cluster", "cache", "upstream"];

    private readonly Meter _meter;
    private readonly Counter<long> _answers;
    private readonly Counter<long> _failures;
    private readonly Counter<long> _unsent;
    private readonly Histogram<double> _forwards;

    public DnsMetrics(Meter meter)
    {
        _meter = meter;
        _answers = meter.CreateCounter<long>("modular_dns_answers", description: "Answers by code and by who knew them.");
        _failures = meter.CreateCounter<long>("modular_dns_failures", description: "Messages that this server failed at.");
        _unsent = meter.CreateCounter<long>("modular_dns_unsent_answers", description: "Answers that the machine did not send.");
        _forwards = meter.CreateHistogram<double>("modular_dns_forward_duration", "s", "Time other servers took, by result.");
    }

    /// <summary>Shows how much there is in the table and on its way.</summary>
    public void Observe(RecordTable table, Forwarder forwarder)
    {
        _meter.CreateObservableGauge("modular_dns_services", () => table.Services, description: "Services that are known.");
        _meter.CreateObservableGauge("modular_dns_names", () => table.Names, description: "Names that are known.");
        _meter.CreateObservableGauge("modular_dns_cached_answers", () => forwarder.Cached, description: "Answers of other servers that are kept.");
        _meter.CreateObservableGauge("modular_dns_forwards_in_flight", () => forwarder.InFlight, description: "Questions on their way to other servers.");
    }

    /// <summary>Counts an answer that was written.</summary>
    public void Answered(AnswerSource source, ReadOnlySpan<byte> message)
    {
        if (_answers.Enabled)
        {
            _answers.Add(
                1,
                new KeyValuePair<string, object?>("code", Codes[message[3] & 0xF]),
                new KeyValuePair<string, object?>("source", Sources[(int)source]));
        }
    }

    public void Failed() => _failures.Add(1);

    public void Unsent(int count) => _unsent.Add(count);

    public void Forwarded(bool answered, TimeSpan duration) =>
        _forwards.Record(duration.TotalSeconds, new KeyValuePair<string, object?>("result", answered ? "answered" : "failed"));

    private static string CodeName(int code) => code switch
    {
        0 => "NOERROR",
        1 => "FORMERR",
        2 => "SERVFAIL",
        3 => "NXDOMAIN",
        4 => "NOTIMP",
        5 => "REFUSED",
        _ => "other",
    };
}
