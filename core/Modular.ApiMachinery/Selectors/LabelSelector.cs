using System.Text.Json;
using System.Text.Json.Nodes;

namespace Modular.ApiMachinery;

/// <summary>A condition on labels: all requirements must hold. Immutable and thread-safe.</summary>
public sealed class LabelSelector
{
    private readonly LabelRequirement[] _requirements;

    internal LabelSelector(IEnumerable<LabelRequirement> requirements)
    {
        _requirements = [.. requirements.OrderBy(r => r.Key, StringComparer.Ordinal)];
        ExactMatches = [.. _requirements.Where(r => r.IsExact).Select(r => KeyValuePair.Create(r.Key, r.Values[0]))];
    }

    private LabelSelector(bool matchesNothing)
        : this([]) => MatchesNothing = matchesNothing;

    /// <summary>Selects every object.</summary>
    public static LabelSelector Everything { get; } = new(matchesNothing: false);

    /// <summary>Selects no object; what an absent selector object means.</summary>
    public static LabelSelector Nothing { get; } = new(matchesNothing: true);

    /// <summary>The conditions, sorted by key.</summary>
    public IReadOnlyList<LabelRequirement> Requirements => _requirements;

    /// <summary>The labels an object must have exactly so. An index over any one of them gives a superset of the selection.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> ExactMatches { get; }

    /// <summary>True if no object can be selected.</summary>
    public bool MatchesNothing { get; }

    /// <summary>True if every object is selected.</summary>
    public bool MatchesEverything => _requirements.Length == 0 && !MatchesNothing;

    /// <summary>Reads the text form, such as <c>app=web,tier in (a,b),!canary</c>. Empty text selects everything.</summary>
    /// <exception cref="ApiException">BadRequest, in Kubernetes' words.</exception>
    public static LabelSelector Parse(string text) =>
        string.IsNullOrEmpty(text) ? Everything : new LabelSelector(new LabelSelectorParser(text).Parse());

    /// <summary>Selects objects that have all of these labels. Empty or null selects everything. Values are not validated.</summary>
    public static LabelSelector FromMap(IReadOnlyDictionary<string, string>? labels) =>
        labels is null || labels.Count == 0
            ? Everything
            : new LabelSelector(labels.Select(l => new LabelRequirement(l.Key, LabelOperator.Equals, [l.Value])));

    /// <summary>
    /// Reads a label selector object (matchLabels, matchExpressions) and reports what is wrong with it. Null selects nothing, an empty
    /// object everything.
    /// </summary>
    /// <param name="selector">The object.</param>
    /// <param name="path">Where the object stands, for the errors.</param>
    /// <param name="errors">Receives what is wrong; the answer then leaves those parts out.</param>
    public static LabelSelector From(JsonObject? selector, string path, FieldErrors errors) =>
        selector is null ? Nothing : new LabelSelector(LabelSelectorObject.Read(selector, path, errors));

    /// <summary>Reads a label selector object that was validated when it was written.</summary>
    /// <exception cref="ApiException">Invalid, if it is wrong nevertheless.</exception>
    public static LabelSelector From(JsonObject? selector)
    {
        var errors = new FieldErrors();
        var result = From(selector, "selector", errors);
        if (!errors.Any)
        {
            return result;
        }

        var first = errors.Causes[0];
        throw new ApiException(new ApiStatus(StatusReason.Invalid, $"{first.Field}: {first.Message}") { Causes = errors.Causes });
    }

    /// <summary>Reads a label selector object that was validated when it was written.</summary>
    /// <exception cref="ApiException">Invalid, if it is wrong nevertheless.</exception>
    public static LabelSelector From(JsonElement selector) =>
        From(selector.ValueKind == JsonValueKind.Object ? JsonObject.Create(selector) : null);

    /// <summary>Whether labels are selected. Allocates nothing.</summary>
    public bool Matches(IReadOnlyDictionary<string, string> labels)
    {
        if (MatchesNothing)
        {
            return false;
        }

        foreach (var requirement in _requirements)
        {
            if (!requirement.Matches(labels))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The canonical text form; parses back to an equal selector (but Nothing, which has none).</summary>
    public override string ToString() => string.Join(',', (object[])_requirements);
}
