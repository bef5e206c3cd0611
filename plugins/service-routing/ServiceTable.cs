using Modular.Abstractions;
using Modular.ApiMachinery;
using Modular.Models;

namespace Modular.Plugins.ServiceRouting;

/// <summary>
/// All services with their endpoints, and when each changed. Gives what is new since any revision that it still remembers. Thread-safe.
/// </summary>
internal sealed class ServiceTable
{
    private const int MostTombstones = 4096;

    private readonly Lock _lock = new();
    private readonly Dictionary<ObjectName, Entry> _entries = [];
    private readonly Dictionary<string, ApiObject> _services = new(StringComparer.Ordinal);
    private readonly Dictionary<ObjectName, ObjectName> _sliceOwners = [];
    private readonly HashSet<ObjectName> _unsettled = [];
    private readonly Queue<(long Revision, string Uid)> _tombstones = [];
    private TaskCompletionSource _news = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _revision = 1;
    private long _forgotten = 1;
    private int _incomplete = 2;

    /// <summary>Completes when something is told that had not been when this was read.</summary>
    public Task News
    {
        get
        {
            lock (_lock)
            {
                return _news.Task;
            }
        }
    }

    /// <summary>How many services there are.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _services.Count;
            }
        }
    }

    /// <summary>A new or changed service.</summary>
    public void PutService(ApiObject service)
    {
        lock (_lock)
        {
            var entry = Open(service.Name);
            if (entry.Service is { } old && old.Metadata.Uid != service.Metadata.Uid)
            {
                _services.Remove(old.Metadata.Uid);
            }

            entry.Service = service;
            _services[service.Metadata.Uid] = service;
            Tell();
        }
    }

    /// <summary>A service is gone.</summary>
    public void RemoveService(ApiObject service)
    {
        lock (_lock)
        {
            var entry = Open(service.Name);
            _services.Remove(service.Metadata.Uid);
            entry.Service = null;
            Tell();
        }
    }

    /// <summary>A new or changed endpoint slice.</summary>
    public void PutSlice(ApiObject slice)
    {
        lock (_lock)
        {
            Detach(slice.Name);
            if (slice.Metadata.Labels.TryGetValue(EndpointSlice.ServiceNameLabel, out var name))
            {
                var owner = new ObjectName(slice.Metadata.Namespace, name);
                Open(owner).Slices[slice.Metadata.Name] = slice;
                _sliceOwners[slice.Name] = owner;
            }

            Tell();
        }
    }

    /// <summary>An endpoint slice is gone.</summary>
    public void RemoveSlice(ApiObject slice)
    {
        lock (_lock)
        {
            Detach(slice.Name);
            Tell();
        }
    }

    /// <summary>All that was there at the start has been told by one of the two sources; before both have, there are no deltas.</summary>
    public void Complete()
    {
        lock (_lock)
        {
            _incomplete--;
            Tell();
        }
    }

    /// <summary>A service by its uid.</summary>
    public ApiObject? Find(string uid)
    {
        lock (_lock)
        {
            return _services.GetValueOrDefault(uid);
        }
    }

    /// <summary>
    /// What is new since a revision; the whole state for 0 and for one that is too long ago. Null before the table is complete. Empty if
    /// nothing is.
    /// </summary>
    public ServiceDelta? Since(long revision)
    {
        lock (_lock)
        {
            if (_incomplete > 0)
            {
                return null;
            }

            Settle();
            var from = revision < _forgotten ? 0 : revision;
            var services = new List<ServiceRecord>();
            foreach (var entry in _entries.Values)
            {
                if (entry.Record is { } record && (from == 0 || entry.Revision > from))
                {
                    services.Add(record);
                }
            }

            var removed = new List<string>();
            foreach (var (at, uid) in _tombstones)
            {
                if (from > 0 && at > from)
                {
                    removed.Add(uid);
                }
            }

            return new ServiceDelta { Base = from, Revision = _revision, Services = services, Removed = removed };
        }
    }

    private Entry Open(ObjectName name)
    {
        if (!_entries.TryGetValue(name, out var entry))
        {
            _entries[name] = entry = new Entry();
        }

        _unsettled.Add(name);
        return entry;
    }

    private void Detach(ObjectName slice)
    {
        if (_sliceOwners.Remove(slice, out var owner))
        {
            Open(owner).Slices.Remove(slice.Name);
        }
    }

    private void Tell()
    {
        _news.TrySetResult();
        _news = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    // All changes that came together become one revision.
    private void Settle()
    {
        var next = _revision + 1;
        foreach (var name in _unsettled)
        {
            var entry = _entries[name];
            var old = entry.Record;
            var record = entry.Service is { } service ? ServiceReading.Read(service, entry.Slices.Values) : null;
            if (old is not null && record is not null && ServiceRecordEquality.Same(old, record))
            {
                continue;
            }

            if (old is not null && old.Uid != record?.Uid)
            {
                Bury(old.Uid, next);
                _revision = next;
            }

            if (record is not null)
            {
                entry.Revision = next;
                _revision = next;
            }

            entry.Record = record;
            if (record is null && entry.Slices.Count == 0)
            {
                _entries.Remove(name);
            }
        }

        _unsettled.Clear();
    }

    private void Bury(string uid, long revision)
    {
        _tombstones.Enqueue((revision, uid));
        if (_tombstones.Count > MostTombstones)
        {
            _forgotten = _tombstones.Dequeue().Revision;
        }
    }

    private sealed class Entry
    {
        public ApiObject? Service { get; set; }

        public Dictionary<string, ApiObject> Slices { get; } = new(StringComparer.Ordinal);

        public ServiceRecord? Record { get; set; }

        public long Revision { get; set; }
    }
}
