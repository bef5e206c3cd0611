using Modular.Abstractions;
using Modular.ApiMachinery;
using Modular.Models;

namespace Modular.Plugins.Controllers.ServiceEndpoints;

/// <summary>Brings the slices of one owner to what they should hold.</summary>
internal sealed class SliceWriter(IApiClient api)
{
    /// <summary>The most endpoints of a slice: what Kubernetes' own controllers put into one.</summary>
    private const int Capacity = 100;

    /// <summary>Writes what differs.</summary>
    /// <exception cref="ApiException">Conflict: the view was of the past; the event that completes it comes.</exception>
    public async ValueTask WriteAsync(
        SliceOwner owner, IReadOnlyList<ApiObject> slices, IReadOnlyDictionary<SliceGroup, List<Backend>> wanted, CancellationToken cancellationToken)
    {
        var present = slices.Where(owner.Owns).ToList();
        var plan = SlicePlan.Make(present, wanted, owner.IsCurrent, Capacity);
        var names = present.Select(slice => slice.Metadata.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var slice in plan.Writes)
        {
            if (slice.Present is null)
            {
                await CreateAsync(owner, slice, FreeName(owner, slice.Group, names), cancellationToken).ConfigureAwait(false);
            }
            else
            {
                var name = Name(slice.Present);
                await api.UpdateAsync(name, owner.ToJson(slice, name.Name), "", cancellationToken).ConfigureAwait(false);
            }
        }

        foreach (var slice in plan.Deletes)
        {
            await DeleteAsync(slice, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Deletes slices that have become pointless.</summary>
    public async ValueTask DeleteAsync(ApiObject slice, CancellationToken cancellationToken)
    {
        try
        {
            await api.DeleteAsync(Name(slice), new DeleteOptions { Uid = slice.Metadata.Uid }, cancellationToken).ConfigureAwait(false);
        }
        catch (ApiException error) when (error.Reason == StatusReason.NotFound)
        {
            // Gone already.
        }
    }

    private async ValueTask CreateAsync(SliceOwner owner, PlannedSlice slice, string name, CancellationToken cancellationToken)
    {
        try
        {
            var ns = owner.Owner.Metadata.Namespace;
            await api.CreateAsync(KubernetesResources.EndpointSlices, ns, owner.ToJson(slice, name), cancellationToken).ConfigureAwait(false);
        }
        catch (ApiException error) when (error.Reason == StatusReason.AlreadyExists || NamespaceTermination.IsCauseOf(error))
        {
            // Made before, and the event that says so wakes the key; or nobody wants it any more.
        }
    }

    private static string FreeName(SliceOwner owner, SliceGroup group, HashSet<string> taken)
    {
        for (var number = 0; ; number++)
        {
            var name = owner.Name(group, number);
            if (taken.Add(name))
            {
                return name;
            }
        }
    }

    private static ResourceName Name(ApiObject slice) => new(KubernetesResources.EndpointSlices, slice.Metadata.Namespace, slice.Metadata.Name);
}
