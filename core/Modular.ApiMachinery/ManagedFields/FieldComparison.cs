using System.Text.Json.Nodes;

namespace Modular.ApiMachinery;

/// <summary>What a change did to an object's fields.</summary>
/// <param name="Gained">Fields that are new or have another value.</param>
/// <param name="Lost">Fields that are gone.</param>
public sealed record FieldComparison(FieldSet Gained, FieldSet Lost)
{
    /// <summary>True if no field changed.</summary>
    public bool IsEmpty => Gained.IsEmpty && Lost.IsEmpty;

    /// <summary>Compares two versions of an object, as far as a scope goes. Allocates next to nothing where they are the same.</summary>
    public static FieldComparison Of(JsonObject old, JsonObject now, Schema schema, FieldScope scope)
    {
        var walk = new Walk(scope);
        walk.Members(old, now, schema, Depth.Root);
        return new FieldComparison(walk.Gained.End(0), walk.Lost.End(0));
    }

    /// <summary>Compares a new object with one in which nobody has set anything.</summary>
    public static FieldComparison OfNew(JsonObject now, Schema schema, FieldScope scope) => Of(schema.EmptyObject, now, schema, scope);

    private enum Depth
    {
        Root,
        Metadata,
        Below,
    }

    /// <summary>A value of a version of the object; one that is there may be null.</summary>
    private readonly record struct Slot(JsonNode? Value, bool IsThere);

    private sealed class Walk(FieldScope scope)
    {
        public FieldSetBuilder Gained { get; } = new();

        public FieldSetBuilder Lost { get; } = new();

        public void Members(JsonObject? old, JsonObject? now, Schema? schema, Depth depth)
        {
            for (var i = 0; i < now?.Count; i++)
            {
                var (name, value) = now.GetAt(i);
                if (Covers(name, depth))
                {
                    JsonNode? before = null;
                    var wasThere = old is not null && old.TryGetPropertyValue(name, out before);
                    Compare(PathElement.Field(name), new Slot(before, wasThere), new Slot(value, true), ValueShapes.Member(schema, name), depth);
                }
            }

            for (var i = 0; i < old?.Count; i++)
            {
                var (name, value) = old.GetAt(i);
                if (Covers(name, depth) && (now is null || !now.ContainsKey(name)))
                {
                    Compare(PathElement.Field(name), new Slot(value, true), default, ValueShapes.Member(schema, name), depth);
                }
            }
        }

        private bool Covers(string name, Depth depth) => depth switch
        {
            Depth.Root => scope.Covers(name),
            Depth.Metadata => scope.CoversMetadata(name),
            _ => true,
        };

        private void Compare(PathElement element, Slot old, Slot now, Schema? schema, Depth depth)
        {
            var shape = ValueShapes.Of(schema, old.Value, now.Value);
            // What is there but empty is told from what is not there.
            if (shape == ValueShape.Leaf || (ValueShapes.IsEmpty(old.Value) && ValueShapes.IsEmpty(now.Value)))
            {
                CompareLeaf(element, old, now, schema);
                return;
            }

            var (gains, losses) = (Gained.Begin(), Lost.Begin());
            if (shape == ValueShape.Members)
            {
                var isMetadata = depth == Depth.Root && element.Text == "metadata";
                Members(old.Value as JsonObject, now.Value as JsonObject, schema, isMetadata ? Depth.Metadata : Depth.Below);
                Add(element, isGained: !old.IsThere && !isMetadata, isLost: !now.IsThere && !isMetadata, gains, losses);
            }
            else
            {
                Entries(old.Value as JsonArray, now.Value as JsonArray, schema!);
                Add(element, isGained: !old.IsThere, isLost: !now.IsThere, gains, losses);
            }
        }

        private void Add(PathElement element, bool isGained, bool isLost, int gains, int losses)
        {
            Gained.Add(element, isGained, Gained.End(gains));
            Lost.Add(element, isLost, Lost.End(losses));
        }

        private void CompareLeaf(PathElement element, Slot old, Slot now, Schema? schema)
        {
            if (!now.IsThere)
            {
                Lost.Add(element, true, FieldSet.Empty);
            }
            else if (!old.IsThere || !AreSame(old.Value, now.Value))
            {
                // A value may take the place of one of another shape, if no schema forbids it.
                Gained.Add(element, true, FieldExtraction.Below(now.Value, schema, Gained));
            }
        }

        private void Entries(JsonArray? old, JsonArray? now, Schema list)
        {
            if (JsonNode.DeepEquals(old, now))
            {
                return;
            }

            var (before, after) = (new ListEntryIndex(old, list), new ListEntryIndex(now, list));
            for (var i = 0; i < after.Count; i++)
            {
                if (after.FirstOf(after[i]) == i)
                {
                    Entry(after[i], before, after, old, now, list);
                }
            }

            for (var i = 0; i < before.Count; i++)
            {
                if (before.FirstOf(before[i]) == i && after.FirstOf(before[i]) < 0)
                {
                    Entry(before[i], before, after, old, now, list);
                }
            }
        }

        private void Entry(PathElement element, ListEntryIndex before, ListEntryIndex after, JsonArray? old, JsonArray? now, Schema list)
        {
            var (wasTwice, isTwice) = (before.IsTwice(element), after.IsTwice(element));
            var (was, isAt) = (before.FirstOf(element), after.FirstOf(element));
            var oldEntry = was < 0 ? default : new Slot(old![was], true);
            var newEntry = isAt < 0 ? default : new Slot(now![isAt], true);
            if (!wasTwice && !isTwice)
            {
                Compare(element, oldEntry, newEntry, list.Items, Depth.Below);
            }
            else if (wasTwice && isTwice)
            {
                // Entries that nothing tells apart are owned together.
                if (!SameEntries(element, before, after, old!, now!))
                {
                    Gained.Add(element, true, FieldSet.Empty);
                }
            }
            else if (wasTwice)
            {
                if (newEntry.IsThere)
                {
                    Compare(element, default, newEntry, list.Items, Depth.Below);
                }

                Lost.Add(element, true, FieldSet.Empty);
            }
            else
            {
                if (oldEntry.IsThere)
                {
                    Compare(element, oldEntry, default, list.Items, Depth.Below);
                }

                Gained.Add(element, true, FieldSet.Empty);
            }
        }

        private static bool SameEntries(PathElement element, ListEntryIndex before, ListEntryIndex after, JsonArray old, JsonArray now) =>
            before.AllOf(element).Select(place => old[place]).SequenceEqual(after.AllOf(element).Select(place => now[place]), new DeepComparer());

        private static bool AreSame(JsonNode? left, JsonNode? right) => ListEntries.ScalarsEqual(left, right);
    }

    private sealed class DeepComparer : IEqualityComparer<JsonNode?>
    {
        public bool Equals(JsonNode? x, JsonNode? y) => JsonNode.DeepEquals(x, y);

        public int GetHashCode(JsonNode? obj) => 0;
    }
}
