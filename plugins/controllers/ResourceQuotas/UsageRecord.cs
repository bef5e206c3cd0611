using Modular.ApiMachinery;

namespace Modular.Plugins.Controllers.ResourceQuotas;

/// <summary>
/// What was lately seen of a quota's status.used. Admission raises it before the object is stored, and a count of what is stored would take that back: so a raise that is
/// younger than a write may take is kept on top of the count.
/// </summary>
internal sealed class UsageRecord(TimeSpan settling)
{
    private readonly List<(DateTimeOffset At, string Name, Quantity Amount)> _raises = [];
    private IReadOnlyDictionary<string, Quantity> _seen = new Dictionary<string, Quantity>();

    /// <summary>The revision at which the controller itself wrote last.</summary>
    public long WrittenAt { get; private set; }

    /// <summary>When the quota was counted last.</summary>
    public DateTimeOffset CountedAt { get; set; } = DateTimeOffset.MinValue;

    /// <summary>Notes what the status says now.</summary>
    public void Observe(IReadOnlyDictionary<string, Quantity> used, DateTimeOffset now)
    {
        foreach (var (name, amount) in used)
        {
            if (amount > _seen.GetValueOrDefault(name))
            {
                _raises.Add((now, name, amount - _seen.GetValueOrDefault(name)));
            }
        }

        _raises.RemoveAll(raise => now - raise.At >= settling);
        _seen = used;
    }

    /// <summary>Notes what the controller has written, which is no raise.</summary>
    public void Wrote(IReadOnlyDictionary<string, Quantity> used, long revision)
    {
        _seen = used;
        WrittenAt = revision;
    }

    /// <summary>What the status has to say: the count, or as much of what it says already as may be of objects that are about to be stored.</summary>
    public Quantity Settle(string name, Quantity counted)
    {
        if (!_seen.TryGetValue(name, out var used) || counted >= used)
        {
            return counted;
        }

        var most = counted;
        foreach (var raise in _raises)
        {
            if (raise.Name == name)
            {
                most += raise.Amount;
            }
        }

        return most < used ? most : used;
    }
}
