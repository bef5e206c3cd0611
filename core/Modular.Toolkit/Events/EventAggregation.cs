using System.Globalization;
using System.Text.Json.Nodes;
using Modular.Abstractions;
using Modular.ApiMachinery;
using Modular.Models;

namespace Modular.Toolkit;

/// <summary>Decides whether an occurrence becomes a new Event, counts up an old one, or is dropped. One caller at a time.</summary>
internal sealed class EventAggregation(string component, string host, TimeProvider time)
{
    private const int MostRemembered = 4096;
    private const int Burst = 25;
    private static readonly TimeSpan OneMoreEvery = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan SameFor = TimeSpan.FromMinutes(10);

    private readonly Dictionary<EventOccurrence, Remembered> _remembered = [];
    private readonly Dictionary<string, Allowance> _allowances = [];

    /// <summary>The write to make, or null if the object has used up what it may report.</summary>
    public EventWrite? Place(EventOccurrence occurrence)
    {
        var now = time.GetUtcNow();
        Trim(now);
        if (!Spend(occurrence, now))
        {
            return null;
        }

        if (_remembered.TryGetValue(occurrence, out var seen) && now - seen.Last <= SameFor)
        {
            seen.Count++;
            seen.Last = now;
            return Write(occurrence, seen, new JsonObject { ["count"] = seen.Count, ["lastTimestamp"] = Timestamp(now) });
        }

        seen = new Remembered { Name = NameOf(occurrence, now), First = now, Last = now, Count = 1 };
        _remembered[occurrence] = seen;
        return Write(occurrence, seen, null);
    }

    private bool Spend(EventOccurrence occurrence, DateTimeOffset now)
    {
        var key = occurrence.Uid.Length > 0 ? occurrence.Uid : $"{occurrence.Kind}/{occurrence.Namespace}/{occurrence.Name}";
        if (!_allowances.TryGetValue(key, out var allowance))
        {
            allowance = new Allowance { Tokens = Burst, Refilled = now };
            _allowances[key] = allowance;
        }

        allowance.Tokens = Math.Min(Burst, allowance.Tokens + (now - allowance.Refilled) / OneMoreEvery);
        allowance.Refilled = now;
        if (allowance.Tokens < 1)
        {
            return false;
        }

        allowance.Tokens--;
        return true;
    }

    // Forgetting costs at most a second Event or a new burst.
    private void Trim(DateTimeOffset now)
    {
        if (_remembered.Count >= MostRemembered)
        {
            foreach (var (key, seen) in _remembered)
            {
                if (now - seen.Last > SameFor)
                {
                    _remembered.Remove(key);
                }
            }

            if (_remembered.Count >= MostRemembered)
            {
                _remembered.Clear();
            }
        }

        if (_allowances.Count >= MostRemembered)
        {
            _allowances.Clear();
        }
    }

    private EventWrite Write(EventOccurrence occurrence, Remembered seen, JsonObject? patch)
    {
        var ns = occurrence.Namespace.Length == 0 ? "default" : occurrence.Namespace;
        return new EventWrite(new ResourceName(KubernetesResources.Events, ns, seen.Name), patch, Object(occurrence, seen, ns));
    }

    private JsonObject Object(EventOccurrence occurrence, Remembered seen, string ns)
    {
        var involved = new JsonObject
        {
            ["apiVersion"] = occurrence.ApiVersion,
            ["kind"] = occurrence.Kind,
            ["name"] = occurrence.Name,
        };
        AddIfAny(involved, "namespace", occurrence.Namespace);
        AddIfAny(involved, "uid", occurrence.Uid);
        AddIfAny(involved, "fieldPath", occurrence.FieldPath);
        var source = new JsonObject { ["component"] = component };
        AddIfAny(source, "host", host);
        return new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Event",
            ["metadata"] = new JsonObject { ["name"] = seen.Name, ["namespace"] = ns },
            ["involvedObject"] = involved,
            ["reason"] = occurrence.Reason,
            ["message"] = occurrence.Message,
            ["source"] = source,
            ["firstTimestamp"] = Timestamp(seen.First),
            ["lastTimestamp"] = Timestamp(seen.Last),
            ["count"] = seen.Count,
            ["type"] = occurrence.Type,
            ["reportingComponent"] = component,
            ["reportingInstance"] = host,
        };
    }

    // Names of Events end with the time, as everybody's do; two in the same tick differ by the occurrence.
    private static string NameOf(EventOccurrence occurrence, DateTimeOffset now) => string.Create(
        CultureInfo.InvariantCulture,
        $"{occurrence.Name}.{now.Ticks:x}{(uint)string.GetHashCode(occurrence.Reason + occurrence.FieldPath + occurrence.Message, StringComparison.Ordinal):x8}");

    private static string Timestamp(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);

    private static void AddIfAny(JsonObject target, string name, string value)
    {
        if (value.Length > 0)
        {
            target[name] = value;
        }
    }

    private sealed class Remembered
    {
        public required string Name { get; init; }

        public required DateTimeOffset First { get; init; }

        public required DateTimeOffset Last { get; set; }

        public required int Count { get; set; }
    }

    private sealed class Allowance
    {
        public required double Tokens { get; set; }

        public required DateTimeOffset Refilled { get; set; }
    }
}

/// <summary>A write: the patch if the Event is thought to exist, and the whole Event if it does not.</summary>
internal sealed record EventWrite(ResourceName Name, JsonObject? Patch, JsonObject Object);
