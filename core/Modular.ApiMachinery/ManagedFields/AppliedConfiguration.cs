using System.Text.Json.Nodes;

namespace Modular.ApiMachinery;

/// <summary>What applying a configuration makes of an object.</summary>
/// <param name="Object">The object: the configuration laid over what was there, without what its applier gave up. Not defaulted yet.</param>
/// <param name="Fields">Who owns what then.</param>
public sealed record AppliedObject(JsonObject Object, ManagedFields Fields);

/// <summary>A configuration that somebody applies: he owns the fields it states, and gives up those that he stated before and does not any more.</summary>
public sealed record AppliedConfiguration
{
    private const string KubectlManager = "kubectl";
    private const string BeforeFirstApply = "before-first-apply";
    private const string LastApplied = "kubectl.kubernetes.io/last-applied-configuration";

    // What identifies an object is in every configuration.
    private static readonly FieldSet Identity = FieldSet.Of(PathElement.Field("metadata"))
        .Union(FieldSet.Of(PathElement.Field("apiVersion")))
        .Union(FieldSet.Of(PathElement.Field("kind")))
        .Union(FieldSet.Of(PathElement.Field("metadata"), PathElement.Field("name")))
        .Union(FieldSet.Of(PathElement.Field("metadata"), PathElement.Field("namespace")));

    /// <summary>The configuration; see <see cref="ConfigurationRules"/>.</summary>
    public required JsonObject Configuration { get; init; }

    /// <summary>The schema of its kind.</summary>
    public required Schema Schema { get; init; }

    /// <summary>What can be applied here.</summary>
    public required FieldScope Scope { get; init; }

    /// <summary>Who applies.</summary>
    public required FieldWriter Writer { get; init; }

    /// <summary>Whether to take fields over from others who gave them other values.</summary>
    public bool Force { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>Makes an object of the configuration alone.</summary>
    public AppliedObject Create()
    {
        var fields = Scope.Filter(FieldExtraction.Extract(Configuration, Schema));
        return new AppliedObject(
            (JsonObject)Configuration.DeepClone(),
            fields.IsEmpty ? ManagedFields.None : new ManagedFields([new ManagedFieldsEntry(Writer, true, KubernetesTime.Format(Now), fields)]));
    }

    /// <summary>Applies to an object, without its managedFields; leaves it as it is.</summary>
    /// <exception cref="ApiException">Conflict: somebody else owns a field that is stated with another value, and force is not wanted.</exception>
    public AppliedObject ApplyTo(JsonObject live, ManagedFields owners)
    {
        if (owners.IsEmpty)
        {
            // What was there before anybody tracked it is somebody's.
            var everything = FieldComparison.OfNew(live, Schema, Scope);
            owners = owners.Updated(new FieldWriter(BeforeFirstApply, Writer.ApiVersion, Writer.Subresource), everything, Now);
        }

        var own = owners.Find(Writer, isApplied: true);
        var stated = Scope.Filter(FieldExtraction.Extract(Configuration, Schema));
        var merged = ConfigurationMerge.Merge(live, Configuration, Schema);
        if (own is not null)
        {
            merged = Prune(merged, own.Fields, stated, owners, own);
        }

        var change = FieldComparison.Of(live, merged, Schema, Scope);
        if (FindConflicts(owners, own, change) is { Count: > 0 } conflicts && !Force && !AreLastApplied(conflicts, live))
        {
            throw FieldConflict.Error(conflicts);
        }

        UpdateLastApplied(merged);
        return new AppliedObject(merged, Owners(owners, own, stated, change));
    }

    private static List<FieldConflict> FindConflicts(ManagedFields owners, ManagedFieldsEntry? own, FieldComparison change)
    {
        var conflicts = new List<FieldConflict>();
        foreach (var entry in owners.Entries)
        {
            if (entry != own && entry.Fields.Intersection(change.Gained) is { IsEmpty: false } fields)
            {
                conflicts.Add(new FieldConflict(entry, fields));
            }
        }

        return conflicts;
    }

    private ManagedFields Owners(ManagedFields owners, ManagedFieldsEntry? own, FieldSet stated, FieldComparison change)
    {
        var touched = change.Gained.Union(change.Lost);
        var entries = new List<ManagedFieldsEntry>(owners.Entries.Length + 1);
        foreach (var entry in owners.Entries)
        {
            if (entry != own && entry.Without(touched) is { } left)
            {
                entries.Add(left);
            }
        }

        if (!stated.IsEmpty)
        {
            entries.Add(new ManagedFieldsEntry(Writer, true, KubernetesTime.Format(Now), stated));
        }

        return entries.Count == 0 ? ManagedFields.None : new ManagedFields([.. entries]);
    }

    /// <summary>Takes away what the applier stated last time, does not state now, and nobody else owns.</summary>
    private JsonObject Prune(JsonObject merged, FieldSet last, FieldSet stated, ManagedFields owners, ManagedFieldsEntry own)
    {
        if (last.Difference(stated).IsEmpty)
        {
            return merged;
        }

        var owned = stated.Union(Identity);
        foreach (var entry in owners.Entries)
        {
            owned = entry == own ? owned : owned.Union(entry.Fields);
        }

        var given = DeclaredFields.Include(last, Schema);
        var all = DeclaredFields.Include(FieldExtraction.Extract(merged, Schema), Schema);
        // First all that he stated goes, then what somebody owns comes back, and then what was never his.
        var kept = FieldsWithout(merged, given, owned).Union(DeclaredFields.Include(owned, Schema));
        var gone = all.Difference(FieldsWithout(merged, all.Difference(kept), owned));
        return Without(merged, gone.Intersection(given), owned);
    }

    private FieldSet FieldsWithout(JsonObject obj, FieldSet fields, FieldSet owned) =>
        DeclaredFields.Include(FieldExtraction.Extract(Without(obj, fields, owned), Schema), Schema);

    private JsonObject Without(JsonObject obj, FieldSet fields, FieldSet owned)
    {
        var left = (JsonObject)obj.DeepClone();
        FieldRemoval.Remove(left, fields, owned, Schema);
        return left;
    }

    // kubectl goes from applying by itself to applying here: what it wrote into its annotation, and is still so, is its own. Conflicts about that are
    // dropped; if none are left, there are none.
    private bool AreLastApplied(List<FieldConflict> conflicts, JsonObject live)
    {
        if (Writer.Manager != KubectlManager || LastAppliedTo(live) is not { Length: > 0 } text || ReadLastApplied(text) is not { } before)
        {
            return false;
        }

        var change = FieldComparison.Of(before, live, Schema, FieldScope.Whole);
        var allowed = FieldExtraction.Extract(before, Schema).Difference(change.Gained).Difference(change.Lost);
        for (var i = conflicts.Count - 1; i >= 0; i--)
        {
            var left = conflicts[i].Fields.Difference(allowed);
            if (left.IsEmpty)
            {
                conflicts.RemoveAt(i);
            }
            else
            {
                conflicts[i] = conflicts[i] with { Fields = left };
            }
        }

        return conflicts.Count == 0;
    }

    private JsonObject? ReadLastApplied(string text)
    {
        try
        {
            var before = JsonDecoder.DecodeObject(System.Text.Encoding.UTF8.GetBytes(text), out _);
            return before.GetString("apiVersion") == Writer.ApiVersion ? before : null;
        }
        catch (ApiException)
        {
            return null;
        }
    }

    // As long as the annotation is there, kubectl's own way of applying must find it true.
    private void UpdateLastApplied(JsonObject merged)
    {
        if (Writer.Manager == KubectlManager && LastAppliedTo(merged) is { Length: > 0 })
        {
            var config = (JsonObject)Configuration.DeepClone();
            config.GetObject("metadata.annotations")?.Remove(LastApplied);
            merged.GetObject("metadata.annotations")![LastApplied] =
                System.Text.Encoding.UTF8.GetString(ObjectEncoding.EncodeValue(config)) + "\n";
        }
    }

    private static string? LastAppliedTo(JsonObject obj) => obj.GetObject("metadata.annotations")?[LastApplied].AsString();
}
