using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Modular.ApiMachinery;

/// <summary>What tells a list's entry apart, to be looked up: two are equal if <see cref="ListEntries.ScalarsEqual"/> says so.</summary>
internal readonly struct EntryIdentity(JsonNode? node) : IEquatable<EntryIdentity>
{
    private readonly JsonNode? _node = node;

    public bool Equals(EntryIdentity other) => ListEntries.ScalarsEqual(_node, other._node);

    public override bool Equals(object? obj) => obj is EntryIdentity other && Equals(other);

    public override int GetHashCode() => HashOf(_node);

    // Whoever sends a patch may put anything where a scalar belongs; that must not make all hashes the same.
    private static int HashOf(JsonNode? node)
    {
        switch (node)
        {
            case null:
                return 0;
            case JsonArray array:
                var entries = new HashCode();
                foreach (var entry in array)
                {
                    entries.Add(HashOf(entry));
                }

                return entries.ToHashCode();
            case JsonObject obj:
                var members = obj.Count;
                foreach (var (name, value) in obj)
                {
                    // Members have no order.
                    members ^= HashCode.Combine(name, HashOf(value));
                }

                return members;
        }

        if (node.AsString() is { } text)
        {
            return text.GetHashCode(StringComparison.Ordinal);
        }

        // Numbers are equal however they are written.
        return node.GetValueKind() == JsonValueKind.Number && double.TryParse(node.ToJsonString(), CultureInfo.InvariantCulture, out var number)
            ? number.GetHashCode()
            : (int)node.GetValueKind();
    }
}
