using System.Text.Json;

namespace Modular.ApiMachinery;

/// <summary>
/// Which writer owns which fields of an object: <c>metadata.managedFields</c>. Immutable; a change that changes nothing gives the same instance.
/// </summary>
public sealed class ManagedFields
{
    /// <summary>How many entries of updates are kept; older ones become one.</summary>
    public const int MostUpdates = 10;

    /// <summary>Nobody owns anything: the object is not tracked.</summary>
    public static readonly ManagedFields None = new([], default);

    private const string OldUpdates = "ancient-changes";

    private static readonly JsonWriterOptions Compact = new()
    {
        SkipValidation = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        MaxDepth = JsonDecoder.DeepestStored,
    };

    private readonly ManagedFieldsEntry[] _entries;
    private ReadOnlyMemory<byte> _utf8;

    /// <param name="entries">In any order; the instance's own from now on.</param>
    internal ManagedFields(ManagedFieldsEntry[] entries)
        : this(entries, default) => Array.Sort(entries, InOrder);

    private ManagedFields(ManagedFieldsEntry[] entries, ReadOnlyMemory<byte> utf8) => (_entries, _utf8) = (entries, utf8);

    /// <summary>True if nobody owns anything.</summary>
    public bool IsEmpty => _entries.Length == 0;

    internal ReadOnlySpan<ManagedFieldsEntry> Entries => _entries;

    /// <summary>Reads what <see cref="Encode"/> wrote. Sets are read when somebody asks for them.</summary>
    public static ManagedFields Read(ReadOnlyMemory<byte> utf8) =>
        utf8.IsEmpty ? None : ManagedFieldsReader.ReadWritten(utf8) is { Length: > 0 } entries ? new ManagedFields(entries, utf8) : None;

    /// <summary>Reads what a client sent; false if any of it is wrong.</summary>
    public static bool TryRead(ReadOnlyMemory<byte> utf8, out ManagedFields fields)
    {
        fields = None;
        if (!ManagedFieldsReader.TryRead(utf8, out var entries))
        {
            return false;
        }

        try
        {
            var distinct = new List<ManagedFieldsEntry>(entries.Count);
            foreach (var entry in entries)
            {
                var time = default(DateTimeOffset);
                if (entry.Writer.ApiVersion.Length == 0 || (entry.Time is { } text && !KubernetesTime.TryParse(text, out time)))
                {
                    return false;
                }

                // The last of several entries of one writer counts, and its set is kept in the one form that sets are written in.
                distinct.RemoveAll(other => other.Is(entry.Writer, entry.IsApplied));
                distinct.Add(new ManagedFieldsEntry(entry.Writer, entry.IsApplied, entry.Time is null ? null : KubernetesTime.Format(time), entry.Parse()));
            }

            fields = distinct.Count == 0 ? None : new ManagedFields([.. distinct]);
            return true;
        }
        catch (FormatException)
        {
            return false;
        }
    }

    /// <summary>The JSON array; empty bytes if nobody owns anything.</summary>
    public ReadOnlyMemory<byte> Encode()
    {
        if (_utf8.IsEmpty && _entries.Length > 0)
        {
            using var buffer = new PooledBuffer();
            using (var writer = new Utf8JsonWriter(buffer, Compact))
            {
                Write(writer);
            }

            _utf8 = buffer.ToArray();
        }

        return _utf8;
    }

    internal void Write(Utf8JsonWriter writer)
    {
        if (!_utf8.IsEmpty)
        {
            writer.WriteRawValue(_utf8.Span, skipInputValidation: true);
            return;
        }

        writer.WriteStartArray();
        foreach (var entry in _entries)
        {
            entry.Write(writer);
        }

        writer.WriteEndArray();
    }

    /// <summary>Who owns what after a write that was no apply.</summary>
    /// <param name="writer">Who wrote.</param>
    /// <param name="change">What changed.</param>
    /// <param name="now">When.</param>
    public ManagedFields Updated(FieldWriter writer, FieldComparison change, DateTimeOffset now)
    {
        if (change.IsEmpty)
        {
            return this;
        }

        var touched = change.Gained.Union(change.Lost);
        var entries = new List<ManagedFieldsEntry>(_entries.Length + 1);
        ManagedFieldsEntry? own = null;
        var isSame = true;
        foreach (var entry in _entries)
        {
            if (entry.Is(writer, isApplied: false))
            {
                own = entry;
                continue;
            }

            var left = entry.Without(touched);
            isSame &= ReferenceEquals(left, entry);
            if (left is not null)
            {
                entries.Add(left);
            }
        }

        var after = Own(own, writer, change, now);
        if (after is not null)
        {
            entries.Add(after);
        }

        return isSame && ReferenceEquals(after, own) ? this : entries.Count == 0 ? None : new ManagedFields(Cap(entries));
    }

    /// <summary>True if the same writers own the same, whenever they wrote.</summary>
    public bool SameOwners(ManagedFields other)
    {
        if (ReferenceEquals(this, other))
        {
            return true;
        }

        if (_entries.Length != other._entries.Length)
        {
            return false;
        }

        foreach (var entry in _entries)
        {
            if (other.Find(entry.Writer, entry.IsApplied) is not { } same || !entry.SameFields(same))
            {
                return false;
            }
        }

        return true;
    }

    internal ManagedFieldsEntry? Find(FieldWriter writer, bool isApplied)
    {
        foreach (var entry in _entries)
        {
            if (entry.Is(writer, isApplied))
            {
                return entry;
            }
        }

        return null;
    }

    private static ManagedFieldsEntry? Own(ManagedFieldsEntry? own, FieldWriter writer, FieldComparison change, DateTimeOffset now)
    {
        if (change.Gained.IsEmpty)
        {
            return own?.Without(change.Lost);
        }

        var time = KubernetesTime.Format(now);
        if (own is null)
        {
            return new ManagedFieldsEntry(writer, false, time, change.Gained);
        }

        var fields = own.Fields.Difference(change.Lost).Union(change.Gained);
        return ReferenceEquals(fields, own.Fields) ? own.Time == time ? own : own.At(time) : new ManagedFieldsEntry(writer, false, time, fields);
    }

    /// <summary>Merges the oldest entries of updates, of each version into one, until there are no more than allowed.</summary>
    private static ManagedFieldsEntry[] Cap(List<ManagedFieldsEntry> entries)
    {
        var updates = 0;
        foreach (var entry in entries)
        {
            updates += entry.IsApplied ? 0 : 1;
        }

        if (updates <= MostUpdates)
        {
            return [.. entries];
        }

        entries.Sort(InOrder);
        var firstOfVersion = new Dictionary<string, ManagedFieldsEntry>(StringComparer.Ordinal);
        foreach (var entry in entries.ToArray())
        {
            if (entry.IsApplied || updates <= MostUpdates)
            {
                continue;
            }

            var version = entry.Writer.ApiVersion;
            if (!firstOfVersion.TryGetValue(version, out var first))
            {
                firstOfVersion[version] = entry;
                continue;
            }

            var merged = new ManagedFieldsEntry(new FieldWriter(OldUpdates, version), false, entry.Time, first.Fields.Union(entry.Fields));
            entries.Remove(entry);
            entries[entries.IndexOf(first)] = merged;
            firstOfVersion[version] = merged;
            updates--;
        }

        return [.. entries];
    }

    private static int InOrder(ManagedFieldsEntry a, ManagedFieldsEntry b)
    {
        var order = b.IsApplied.CompareTo(a.IsApplied);
        order = order != 0 ? order : string.CompareOrdinal(a.Time, b.Time);
        order = order != 0 ? order : string.CompareOrdinal(a.Writer.Manager, b.Writer.Manager);
        order = order != 0 ? order : string.CompareOrdinal(a.Writer.ApiVersion, b.Writer.ApiVersion);
        return order != 0 ? order : string.CompareOrdinal(a.Writer.Subresource, b.Writer.Subresource);
    }
}
