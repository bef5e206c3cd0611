using System.Text.Json.Nodes;

namespace Modular.Plugins.ResourcesKubernetes.Conversions;

/// <summary>Events of events.k8s.io/v1, which are those of v1 under newer names.</summary>
internal sealed class EventConversion : IObjectConversion
{
    private static readonly FieldMoves Fields = new(
        ("involvedObject", "regarding"),
        ("message", "note"),
        ("reportingComponent", "reportingController"),
        ("source", "deprecatedSource"),
        ("firstTimestamp", "deprecatedFirstTimestamp"),
        ("lastTimestamp", "deprecatedLastTimestamp"),
        ("count", "deprecatedCount"));

    private EventConversion()
    {
    }

    public static EventConversion Instance { get; } = new();

    public void ToStored(JsonObject obj) => Fields.ToStored(obj);

    public void FromStored(JsonObject obj) => Fields.ToServed(obj);
}
