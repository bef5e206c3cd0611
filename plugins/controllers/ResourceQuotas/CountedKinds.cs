using System.Runtime.CompilerServices;
using Modular.Abstractions;
using Modular.ApiMachinery;
using Modular.Toolkit;

namespace Modular.Plugins.Controllers.ResourceQuotas;

/// <summary>
/// The kinds that quotas count, each watched from the first quota on that names it: most clusters have no quota, and none counts everything. What an object uses is
/// read once for each version of it.
/// </summary>
internal sealed class CountedKinds(IApiClient api, Func<string, IEnumerable<ObjectName>> quotasOf)
{
    private readonly Dictionary<string, Kind> _kinds = new(StringComparer.Ordinal);
    private readonly ConditionalWeakTable<ApiObject, QuotaSubject> _subjects = [];
    private Func<ControllerSource, CancellationToken, ValueTask<IInformer>>? _open;

    /// <summary>From now on kinds are watched through this; what was watched before has ended.</summary>
    public void Attach(Func<ControllerSource, CancellationToken, ValueTask<IInformer>> open)
    {
        _open = open;
        _kinds.Clear();
    }

    /// <summary>Watches a kind, named as in <c>deployments.apps</c>; false if nobody serves it.</summary>
    public async ValueTask<bool> WatchAsync(string kind, CancellationToken cancellationToken)
    {
        if (_kinds.ContainsKey(kind))
        {
            return true;
        }

        foreach (var served in await api.GetResourcesAsync(cancellationToken).ConfigureAwait(false))
        {
            if (served.Namespaced && served.Verbs.Contains("watch") && served.Verbs.Contains("create") && QuotaNames.CountOf(served.Resource) == $"count/{kind}")
            {
                var source = new ControllerSource(new ResourceScope(served.Resource), obj => quotasOf(obj.Metadata.Namespace));
                _kinds[kind] = new Kind(served.Resource, await _open!(source, cancellationToken).ConfigureAwait(false));
                return true;
            }
        }

        return false;
    }

    /// <summary>The objects of a watched kind in a namespace.</summary>
    public IEnumerable<QuotaSubject> In(string ns, string kind)
    {
        var (resource, informer) = _kinds[kind];
        foreach (var obj in informer.List(ns))
        {
            if (!_subjects.TryGetValue(obj, out var subject))
            {
                subject = QuotaSubject.Of(resource, obj.ToJsonObject());
                _subjects.AddOrUpdate(obj, subject);
            }

            yield return subject;
        }
    }

    private sealed record Kind(GroupVersionResource Resource, IInformer Informer);
}
