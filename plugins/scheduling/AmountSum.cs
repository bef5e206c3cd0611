using Modular.Abstractions;
using Modular.ApiMachinery;

namespace Modular.Plugins.Scheduling;

/// <summary>Adds up quantities by resource.</summary>
internal sealed class AmountSum
{
    private Dictionary<string, long>? _extended;
    private long _milliCpu;
    private long _memory;
    private long _pods;

    public AmountSum Copy() => new()
    {
        _milliCpu = _milliCpu,
        _memory = _memory,
        _pods = _pods,
        _extended = _extended is null ? null : new Dictionary<string, long>(_extended, StringComparer.Ordinal),
    };

    public void Add(IReadOnlyDictionary<string, string> quantities)
    {
        if (quantities.Count == 0)
        {
            return;
        }

        foreach (var (name, text) in quantities)
        {
            if (!Quantity.TryParse(text, out var quantity))
            {
                continue;
            }

            switch (name)
            {
                case "cpu": _milliCpu += quantity.ToMilli(); break;
                case "memory": _memory += quantity.ToLong(); break;
                case "pods": _pods += quantity.ToLong(); break;
                default:
                    _extended ??= new Dictionary<string, long>(StringComparer.Ordinal);
                    _extended[name] = _extended.GetValueOrDefault(name) + quantity.ToLong();
                    break;
            }
        }
    }

    public void RaiseTo(AmountSum other)
    {
        _milliCpu = Math.Max(_milliCpu, other._milliCpu);
        _memory = Math.Max(_memory, other._memory);
        _pods = Math.Max(_pods, other._pods);
        if (other._extended is not null)
        {
            _extended ??= new Dictionary<string, long>(StringComparer.Ordinal);
            foreach (var (name, amount) in other._extended)
            {
                _extended[name] = Math.Max(_extended.GetValueOrDefault(name), amount);
            }
        }
    }

    public ResourceAmounts ToAmounts(long? pods = null)
    {
        var amounts = new ResourceAmounts { MilliCpu = _milliCpu, Memory = _memory, Pods = pods ?? _pods };
        return _extended is null ? amounts : amounts with { Extended = _extended };
    }
}
