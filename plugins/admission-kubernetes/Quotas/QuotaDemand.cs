using System.Text.Json.Nodes;
using Modular.Toolkit;

namespace Modular.Plugins.AdmissionKubernetes.Quotas;

/// <summary>What a write takes of what quotas limit.</summary>
internal sealed class QuotaDemand
{
    private readonly QuotaSubject _subject;
    private readonly Dictionary<string, Quantity> _added = new(StringComparer.Ordinal);
    private readonly JsonObject? _podSpec;

    private QuotaDemand(QuotaSubject subject, JsonObject? podSpec)
    {
        _subject = subject;
        _podSpec = podSpec;
    }

    /// <summary>Of a new object all that it uses; of a changed one only what it uses more than before, for giving back is never refused.</summary>
    public static QuotaDemand Of(AdmissionRequest request, JsonObject obj)
    {
        var demand = new QuotaDemand(QuotaSubject.Of(request.Resource, obj), request.Resource == KubernetesResources.Pods ? obj.GetObject("spec") : null);
        var before = request.OldObject is { } old ? QuotaSubject.Of(request.Resource, old).Usage : null;
        foreach (var (name, amount) in demand._subject.Usage)
        {
            var added = amount - (before?.GetValueOrDefault(name) ?? Quantity.Zero);
            if (added > Quantity.Zero)
            {
                demand._added[name] = added;
            }
        }

        return demand;
    }

    /// <summary>Whether a quota counts the object, and what of it.</summary>
    public bool Concerns(JsonObject quota)
    {
        if (quota.GetObject("status.hard") is not { } hard || !QuotaScopes.Of(quota.GetObject("spec")).Match(_subject))
        {
            return false;
        }

        foreach (var (name, _) in hard)
        {
            if (_added.ContainsKey(name) || (_podSpec is not null && QuotaRequirements.IsRequired(name)))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>What the quota's status has to say once the object is there; empty if nothing changes.</summary>
    /// <exception cref="ApiException">Forbidden: the object does not say what it uses, or it is too much.</exception>
    public JsonObject Charge(AdmissionRequest request, string name, JsonObject quota)
    {
        var hard = PodAmounts.Read(quota.GetObject("status.hard"));
        var used = PodAmounts.Read(quota.GetObject("status.used"));
        if (_podSpec is not null && QuotaRequirements.MissingIn(_podSpec, hard.Keys) is { Length: > 0 } missing)
        {
            throw Refusal.Of(request, $"failed quota: {name}: must specify {missing}");
        }

        var charged = new JsonObject();
        var unknown = new List<string>();
        var exceeded = new List<string>();
        foreach (var resource in hard.Keys.Where(_added.ContainsKey).Order(StringComparer.Ordinal))
        {
            if (!used.TryGetValue(resource, out var present))
            {
                unknown.Add(resource);
            }
            else if (present + _added[resource] is var total && total > hard[resource])
            {
                exceeded.Add(resource);
            }
            else
            {
                charged[resource] = total.ToString();
            }
        }

        if (unknown.Count > 0)
        {
            throw Refusal.Of(request, $"status unknown for quota: {name}, resources: {string.Join(",", unknown)}");
        }

        if (exceeded.Count > 0)
        {
            throw Refusal.Of(request, $"exceeded quota: {name}, requested: {Print(exceeded, _added)}, used: {Print(exceeded, used)}, limited: {Print(exceeded, hard)}");
        }

        return charged;
    }

    private static string Print(List<string> names, Dictionary<string, Quantity> amounts) => string.Join(",", names.Select(name => $"{name}={amounts[name]}"));
}
