using System.Text.Json.Nodes;
using Modular.Abstractions;
using Modular.ApiMachinery;
using Modular.Models;
using Modular.Toolkit;

namespace Modular.Plugins.Controllers.ResourceQuotas;

/// <summary>Counts what quotas limit, and tells it in their status; admission goes by that, and raises it for what it lets through.</summary>
internal sealed class ResourceQuotaController : IGrowingController
{
    // Longer than any write takes from its admission until it shows.
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(3);

    // A namespace in which much happens is counted so often and no more.
    private static readonly TimeSpan LeastPause = TimeSpan.FromMilliseconds(100);

    private readonly IApiClient _api;
    private readonly TimeProvider _time;
    private readonly CountedKinds _kinds;
    private readonly Dictionary<ObjectName, UsageRecord> _records = [];
    private IInformer? _quotas;

    public ResourceQuotaController(IApiClient api, TimeProvider time)
    {
        _api = api;
        _time = time;
        _kinds = new CountedKinds(api, ns => _quotas!.List(ns).Select(static quota => quota.Name));
    }

    public string Name => "resource-quota";

    public IReadOnlyList<ControllerSource> Sources { get; } = [new(new ResourceScope(KubernetesResources.ResourceQuotas), static quota => [quota.Name])];

    public void Attach(Func<ControllerSource, CancellationToken, ValueTask<IInformer>> open) => _kinds.Attach(open);

    public ValueTask StartAsync(IReadOnlyList<IInformer> informers, CancellationToken cancellationToken)
    {
        _quotas = informers[0];
        return ValueTask.CompletedTask;
    }

    public async ValueTask<TimeSpan?> ReconcileAsync(ObjectName key, CancellationToken cancellationToken)
    {
        if (_quotas!.Get(key.Namespace, key.Name) is not { } quota)
        {
            _records.Remove(key);
            return null;
        }

        if (!_records.TryGetValue(key, out var record))
        {
            _records[key] = record = new UsageRecord(Settling);
        }

        var now = _time.GetUtcNow();
        if (quota.Revision < record.WrittenAt)
        {
            return null;
        }

        var json = quota.ToJsonObject();
        record.Observe(PodAmounts.Read(json.GetObject("status.used")), now);
        if (now - record.CountedAt < LeastPause)
        {
            return LeastPause - (now - record.CountedAt);
        }

        var counted = await CountAsync(key.Namespace, json, cancellationToken).ConfigureAwait(false);
        record.CountedAt = now;
        var used = counted.ToDictionary(static c => c.Key, c => record.Settle(c.Key, c.Value), StringComparer.Ordinal);
        if (Status(json, used) is { } status)
        {
            try
            {
                var written = await StatusPatch.SendIfUnchangedAsync(_api, KubernetesResources.ResourceQuotas, quota, status, cancellationToken).ConfigureAwait(false);
                record.Wrote(used, written.Revision);
            }
            catch (ApiException error) when (error.Reason is StatusReason.NotFound)
            {
                return null;
            }
            catch (ApiException error) when (error.Reason is StatusReason.Conflict)
            {
                // Admission was faster; the informer is about to show it.
                return LeastPause;
            }
        }

        return used.Any(u => u.Value > counted[u.Key]) ? Settling : null;
    }

    private async ValueTask<SortedDictionary<string, Quantity>> CountAsync(string ns, JsonObject quota, CancellationToken cancellationToken)
    {
        var counts = new SortedDictionary<string, Quantity>(StringComparer.Ordinal);
        var kinds = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var (name, _) in quota.GetObject("spec.hard") ?? [])
        {
            if (QuotaNames.ResourceOf(name) is { } kind && await _kinds.WatchAsync(kind, cancellationToken).ConfigureAwait(false))
            {
                counts[name] = Quantity.Zero;
                kinds.Add(kind);
            }
        }

        var scopes = QuotaScopes.Of(quota.GetObject("spec"));
        foreach (var kind in kinds)
        {
            foreach (var subject in _kinds.In(ns, kind))
            {
                if (scopes.Match(subject))
                {
                    Add(counts, subject);
                }
            }
        }

        return counts;
    }

    private static void Add(SortedDictionary<string, Quantity> counts, QuotaSubject subject)
    {
        foreach (var (name, amount) in subject.Usage)
        {
            if (counts.TryGetValue(name, out var sum))
            {
                counts[name] = sum + amount;
            }
        }
    }

    /// <summary>A patch of the status; null if it says the same already.</summary>
    private static JsonObject? Status(JsonObject quota, Dictionary<string, Quantity> used)
    {
        var hard = quota.GetObject("spec.hard");
        var present = quota.GetObject("status.used") ?? [];
        if (JsonNode.DeepEquals(hard, quota.GetObject("status.hard")) && present.Count == used.Count
            && used.All(u => Quantity.TryParse(present[u.Key].AsString() ?? "", out var old) && old == u.Value))
        {
            return null;
        }

        var wanted = new JsonObject();
        foreach (var (name, amount) in used)
        {
            wanted[name] = amount.ToString();
        }

        return new JsonObject { ["hard"] = Replacing(quota.GetObject("status.hard"), hard), ["used"] = Replacing(present, wanted) };
    }

    /// <summary>A map as a merge patch: what it has no longer is null.</summary>
    private static JsonObject Replacing(JsonObject? present, JsonObject? wanted)
    {
        var patch = wanted?.DeepClone().AsObject() ?? [];
        foreach (var (name, _) in present ?? [])
        {
            patch.TryAdd(name, null);
        }

        return patch;
    }
}
