using System.Collections.Concurrent;
using Modular.Plugins.Dns.Wire;

namespace Modular.Plugins.Dns.Records;

/// <summary>
/// Everything this server knows by itself. Readers look up without a lock and without a copy while deltas come in; a delta replaces what
/// stands at the names it concerns, one name at a time, and the whole state at once.
/// </summary>
internal sealed class RecordTable(Zone zone)
{
    private readonly Lock _applying = new();
    private State _state = new(zone);
    private long _revision = -1;

    /// <summary>False until the first whole state came: what is not in the table may exist all the same.</summary>
    public bool IsComplete => Interlocked.Read(ref _revision) >= 0;

    /// <summary>How many services are known.</summary>
    public int Services => Volatile.Read(ref _state).ServiceCount;

    /// <summary>How many names are known.</summary>
    public int Names => Volatile.Read(ref _state).NameCount;

    /// <summary>What stands at a name, which is given in lower case; null if there is no such name.</summary>
    public NameRecords? Find(ReadOnlySpan<byte> name) => Volatile.Read(ref _state).Find(name);

    /// <summary>Takes in a delta. The report's revision is another than the delta's if the whole state is needed.</summary>
    public ServiceReport Apply(ServiceDelta delta)
    {
        lock (_applying)
        {
            if (delta.Base != 0 && delta.Base != _revision)
            {
                return new ServiceReport { Revision = Math.Max(0, _revision) };
            }

            var problems = new List<ServiceProblem>();
            var state = delta.Base == 0 ? new State(zone) : _state;
            foreach (var uid in delta.Removed)
            {
                state.Remove(uid);
            }

            foreach (var service in delta.Services)
            {
                try
                {
                    state.Put(service.Uid, ServiceNames.Of(service, zone));
                }
                catch (FormatException error)
                {
                    state.Remove(service.Uid);
                    problems.Add(new ServiceProblem(service.Uid, "", "InvalidName", $"DNS does not know it: {error.Message}"));
                }
            }

            Volatile.Write(ref _state, state);
            Interlocked.Exchange(ref _revision, delta.Revision);
            return new ServiceReport { Revision = delta.Revision, Problems = problems };
        }
    }

    /// <summary>The names, and which service contributes what to each: two may share an address or a namespace.</summary>
    private sealed class State
    {
        private readonly ConcurrentDictionary<byte[], NameRecords> _names = new(WireNameComparer.Instance);
        private readonly ConcurrentDictionary<byte[], NameRecords>.AlternateLookup<ReadOnlySpan<byte>> _lookup;
        private readonly Dictionary<string, IReadOnlyDictionary<byte[], NameRecords>> _services = new(StringComparer.Ordinal);
        private readonly Dictionary<byte[], List<string>> _contributors = new(WireNameComparer.Instance);

        public State(Zone zone)
        {
            _lookup = _names.GetAlternateLookup<ReadOnlySpan<byte>>();
            Put("", ZoneNames.Of(zone));
        }

        public int ServiceCount => _services.Count - 1;

        public int NameCount => _names.Count;

        public NameRecords? Find(ReadOnlySpan<byte> name) => _lookup.TryGetValue(name, out var records) ? records : null;

        public void Put(string uid, IReadOnlyDictionary<byte[], NameRecords> names)
        {
            var before = _services.GetValueOrDefault(uid);
            _services[uid] = names;
            foreach (var name in names.Keys)
            {
                if (before is null || !before.ContainsKey(name))
                {
                    Contributors(name).Add(uid);
                }

                Publish(name);
            }

            if (before is not null)
            {
                Withdraw(uid, before.Keys.Where(name => !names.ContainsKey(name)));
            }
        }

        public void Remove(string uid)
        {
            if (_services.Remove(uid, out var names))
            {
                Withdraw(uid, names.Keys);
            }
        }

        private void Withdraw(string uid, IEnumerable<byte[]> names)
        {
            foreach (var name in names)
            {
                Contributors(name).Remove(uid);
                Publish(name);
            }
        }

        private void Publish(byte[] name)
        {
            var contributors = Contributors(name);
            if (contributors.Count == 0)
            {
                _contributors.Remove(name);
                _names.TryRemove(name, out _);
                return;
            }

            var records = NameRecords.None;
            foreach (var uid in contributors)
            {
                records = NameRecords.Merge(records, _services[uid][name]);
            }

            _names[name] = records;
        }

        private List<string> Contributors(byte[] name)
        {
            if (!_contributors.TryGetValue(name, out var contributors))
            {
                _contributors[name] = contributors = new List<string>(1);
            }

            return contributors;
        }
    }
}
