using Modular.ApiMachinery;
using Modular.Models;

namespace Modular.Plugins.Controllers.ServiceEndpoints;

/// <summary>A slice as it should be.</summary>
/// <param name="Group">What its endpoints have in common.</param>
/// <param name="Present">The slice that becomes so; null for a new one.</param>
/// <param name="Backends">Its endpoints.</param>
internal sealed record PlannedSlice(SliceGroup Group, ApiObject? Present, IReadOnlyList<Backend> Backends);

/// <summary>
/// How the slices of a service come to hold its endpoints with the fewest writes: an endpoint stays in the slice it is in, new ones go
/// where a write is due anyway, then where room is, then into new slices. The packing is that of Kubernetes' own controller.
/// </summary>
internal sealed class SlicePlan
{
    private readonly int _capacity;
    private readonly List<PlannedSlice> _writes = [];
    private readonly List<ApiObject> _deletes = [];

    private SlicePlan(int capacity) => _capacity = capacity;

    /// <summary>Slices to create or to update.</summary>
    public IReadOnlyList<PlannedSlice> Writes => _writes;

    /// <summary>Slices that hold nothing any more.</summary>
    public IReadOnlyList<ApiObject> Deletes => _deletes;

    /// <param name="present">The slices there are, all of the same service and manager.</param>
    /// <param name="wanted">The endpoints there should be.</param>
    /// <param name="isCurrent">Whether the rest of a slice, such as its labels, is as it should be.</param>
    /// <param name="capacity">The most endpoints of a slice.</param>
    public static SlicePlan Make(
        IReadOnlyList<ApiObject> present, IReadOnlyDictionary<SliceGroup, List<Backend>> wanted, Func<ApiObject, bool> isCurrent, int capacity)
    {
        var plan = new SlicePlan(capacity);
        var unclaimed = new List<ApiObject>(present);
        foreach (var (group, backends) in wanted)
        {
            var slices = unclaimed.FindAll(slice => GroupOf(slice) == group);
            unclaimed.RemoveAll(slices.Contains);
            plan.Pack(group, slices, backends, isCurrent);
        }

        plan._deletes.AddRange(unclaimed);
        return plan;
    }

    private static SliceGroup GroupOf(ApiObject slice)
    {
        var model = slice.AsEndpointSlice();
        return new SliceGroup(model.AddressType, PortSet.Of(model.Ports));
    }

    private void Pack(SliceGroup group, List<ApiObject> slices, List<Backend> backends, Func<ApiObject, bool> isCurrent)
    {
        var homeless = new Dictionary<(string, string), Backend>();
        foreach (var backend in backends)
        {
            homeless[backend.Identity] = backend;
        }

        var drafts = slices.ConvertAll(slice => Draft.Of(slice, homeless, isCurrent));
        // Where a write is due anyway comes first, then the fullest: so the fewest slices change and the fewest remain.
        drafts.Sort(static (a, b) => (b.Changed, b.Backends.Count).CompareTo((a.Changed, a.Backends.Count)));
        var rest = new Queue<Backend>(homeless.Values);
        for (var i = 0; i < drafts.Count; i++)
        {
            var draft = drafts[i];
            draft.Fill(rest, _capacity);
            // A service without endpoints keeps one empty slice, which tells it from one that nobody has looked at.
            if (draft.Backends.Count == 0 && (backends.Count > 0 || i > 0))
            {
                _deletes.Add(draft.Slice);
            }
            else if (draft.Changed)
            {
                _writes.Add(new PlannedSlice(group, draft.Slice, draft.Backends));
            }
        }

        while (rest.Count > 0 || (backends.Count == 0 && drafts.Count == 0 && _writes.Count == 0))
        {
            var fresh = new List<Backend>();
            Move(rest, fresh, _capacity);
            _writes.Add(new PlannedSlice(group, null, fresh));
        }
    }

    private static void Move(Queue<Backend> from, List<Backend> to, int capacity)
    {
        while (from.Count > 0 && to.Count < capacity)
        {
            to.Add(from.Dequeue());
        }
    }

    private sealed class Draft(ApiObject slice, List<Backend> backends, bool changed)
    {
        public ApiObject Slice { get; } = slice;

        public List<Backend> Backends { get; } = backends;

        public bool Changed { get; private set; } = changed;

        /// <summary>What stays of a slice; its endpoints are taken out of those without a slice.</summary>
        public static Draft Of(ApiObject slice, Dictionary<(string, string), Backend> homeless, Func<ApiObject, bool> isCurrent)
        {
            var backends = new List<Backend>();
            var changed = !isCurrent(slice);
            foreach (var endpoint in slice.AsEndpointSlice().Endpoints)
            {
                var was = Backend.Of(endpoint);
                if (homeless.Remove(was.Identity, out var now))
                {
                    backends.Add(now);
                    changed |= now != was;
                }
                else
                {
                    changed = true;
                }
            }

            return new Draft(slice, backends, changed);
        }

        public void Fill(Queue<Backend> rest, int capacity)
        {
            var before = Backends.Count;
            Move(rest, Backends, capacity);
            Changed |= Backends.Count > before;
        }
    }
}
