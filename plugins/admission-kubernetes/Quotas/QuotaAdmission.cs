using System.Text.Json.Nodes;
using Modular.Toolkit;

namespace Modular.Plugins.AdmissionKubernetes.Quotas;

/// <summary>
/// Quotas: what would exceed one is refused. What is let through is charged to status.used before it is stored, onto the version of the quota that was looked
/// at, so that no two writes together exceed what each alone does not. What is charged and then not stored is given back by the controller that counts.
/// </summary>
internal sealed class QuotaAdmission(KindView quotas, IPluginContext context) : IAdmission, IDisposable
{
    private const int Attempts = 16;

    private readonly Turns _turns = new();

    public bool Handles(GroupVersionResource resource, string subresource, AdmissionOperation operation) => subresource.Length == 0 && operation switch
    {
        AdmissionOperation.Create => resource != KubernetesResources.Events,
        AdmissionOperation.Update => resource == KubernetesResources.Services || resource == KubernetesResources.PersistentVolumeClaims,
        _ => false,
    };

    public async ValueTask ValidateAsync(AdmissionRequest request, CancellationToken cancellationToken)
    {
        if (request.Namespace.Length > 0 && request.Object is { } obj
            && await quotas.ListAsync(request.Namespace, cancellationToken).ConfigureAwait(false) is { Count: > 0 } found)
        {
            await DemandAsync(request, obj, found, cancellationToken).ConfigureAwait(false);
        }
    }

    public void Dispose() => _turns.Dispose();

    private async ValueTask DemandAsync(AdmissionRequest request, JsonObject obj, IReadOnlyList<ApiObject> found, CancellationToken cancellationToken)
    {
        var demand = QuotaDemand.Of(request, obj);
        var concerned = new List<ApiObject>();
        foreach (var quota in found)
        {
            if (demand.Concerns(quota.ToJsonObject()))
            {
                concerned.Add(quota);
            }
        }

        if (concerned.Count == 0)
        {
            return;
        }

        concerned.Sort(static (a, b) => string.CompareOrdinal(a.Metadata.Name, b.Metadata.Name));
        using var turn = await _turns.TakeAsync(request.Namespace, cancellationToken).ConfigureAwait(false);
        var charged = new HashSet<string>(StringComparer.Ordinal);
        for (var attempt = 1; !await TryChargeAsync(request, demand, concerned, charged, cancellationToken).ConfigureAwait(false); attempt++)
        {
            if (attempt == Attempts)
            {
                throw new ApiException(new ApiStatus(StatusReason.Conflict, $"the quotas of namespace {request.Namespace} are changed by too many at once; try again") { RetryAfterSeconds = 1 });
            }
        }
    }

    /// <summary>Charges the quotas that are not charged yet, if all of them allow it; false if somebody else changed one meanwhile.</summary>
    private async ValueTask<bool> TryChargeAsync(
        AdmissionRequest request, QuotaDemand demand, List<ApiObject> concerned, HashSet<string> charged, CancellationToken cancellationToken)
    {
        var charges = new List<(ApiObject Quota, JsonObject Used)>();
        foreach (var quota in concerned)
        {
            var name = quota.Metadata.Name;
            if (!charged.Contains(name) && await CurrentAsync(request.Namespace, name, cancellationToken).ConfigureAwait(false) is { } current
                && demand.Charge(request, name, current.ToJsonObject()) is { Count: > 0 } used)
            {
                charges.Add((current, used));
            }
        }

        foreach (var (quota, used) in request.DryRun ? [] : charges)
        {
            try
            {
                await StatusPatch.SendIfUnchangedAsync(
                    context.Api, KubernetesResources.ResourceQuotas, quota, new JsonObject { ["used"] = used }, cancellationToken).ConfigureAwait(false);
                charged.Add(quota.Metadata.Name);
            }
            catch (ApiException error) when (error.Reason is StatusReason.Conflict or StatusReason.NotFound)
            {
                return false;
            }
        }

        return true;
    }

    // A watch lags behind, and with it every write of a burst but the first would conflict.
    private async ValueTask<ApiObject?> CurrentAsync(string ns, string name, CancellationToken cancellationToken)
    {
        try
        {
            return await context.Api.GetAsync(new ResourceName(KubernetesResources.ResourceQuotas, ns, name), cancellationToken).ConfigureAwait(false);
        }
        catch (ApiException error) when (error.Reason == StatusReason.NotFound)
        {
            return null;
        }
    }
}
