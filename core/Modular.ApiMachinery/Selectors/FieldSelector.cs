using System.Text;

namespace Modular.ApiMachinery;

/// <summary>A condition on a few fields of an object: all requirements must hold. Immutable and thread-safe.</summary>
public sealed class FieldSelector
{
    private readonly FieldRequirement[] _requirements;

    private FieldSelector(FieldRequirement[] requirements) => _requirements = requirements;

    /// <summary>Selects every object.</summary>
    public static FieldSelector Everything { get; } = new([]);

    /// <summary>The conditions, in the order of their text.</summary>
    public IReadOnlyList<FieldRequirement> Requirements => _requirements;

    /// <summary>True if every object is selected.</summary>
    public bool MatchesEverything => _requirements.Length == 0;

    /// <summary>Reads the text form, such as <c>metadata.name=web,status.phase!=Running</c>; a backslash keeps <c>, = \</c> literal.</summary>
    /// <exception cref="ApiException">BadRequest, in Kubernetes' words.</exception>
    public static FieldSelector Parse(string text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return Everything;
        }

        var requirements = new List<FieldRequirement>();
        foreach (var term in Terms(text))
        {
            if (term.Length > 0)
            {
                requirements.Add(Term(term, text));
            }
        }

        requirements.Sort(static (a, b) => string.CompareOrdinal(a.ToString(), b.ToString()));
        return new FieldSelector([.. requirements]);
    }

    /// <summary>The value a field must have exactly, if the selector says one.</summary>
    public bool TryGetExactMatch(string field, out string value)
    {
        foreach (var requirement in _requirements)
        {
            if (!requirement.Negated && requirement.Field == field)
            {
                value = requirement.Value;
                return true;
            }
        }

        value = "";
        return false;
    }

    /// <summary>Whether an object is selected. Allocates nothing if <paramref name="getField"/> is a static lambda.</summary>
    /// <param name="state">What the field values come from.</param>
    /// <param name="getField">Gives a field's value as text; empty for an absent field.</param>
    public bool Matches<TState>(TState state, Func<TState, string, string> getField)
    {
        foreach (var requirement in _requirements)
        {
            if (getField(state, requirement.Field) == requirement.Value == requirement.Negated)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The text form; parses back to an equal selector.</summary>
    public override string ToString() => string.Join(',', (object[])_requirements);

    /// <summary>A value with backslashes before what would end it.</summary>
    internal static string Escape(string value) => value
        .Replace("\\", "\\\\", StringComparison.Ordinal)
        .Replace(",", "\\,", StringComparison.Ordinal)
        .Replace("=", "\\=", StringComparison.Ordinal);

    private static List<string> Terms(string text)
    {
        var terms = new List<string>();
        var start = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\')
            {
                i++;
            }
            else if (text[i] == ',')
            {
                terms.Add(text[start..i]);
                start = i + 1;
            }
        }

        terms.Add(text[start..]);
        return terms;
    }

    private static FieldRequirement Term(string term, string text)
    {
        for (var i = 0; i < term.Length; i++)
        {
            var rest = term.AsSpan(i);
            var negated = rest.StartsWith("!=");
            if (negated || rest.StartsWith("=="))
            {
                return new FieldRequirement(term[..i], Unescape(term[(i + 2)..]), negated);
            }

            if (rest[0] == '=')
            {
                return new FieldRequirement(term[..i], Unescape(term[(i + 1)..]), false);
            }
        }

        throw Wrong($"invalid selector: '{text}'; can't understand '{term}'");
    }

    private static string Unescape(string value)
    {
        if (!value.AsSpan().ContainsAny('\\', ',', '='))
        {
            return value;
        }

        var result = new StringBuilder(value.Length);
        for (var i = 0; i < value.Length; i++)
        {
            var c = value[i];
            if (c == '=')
            {
                throw Wrong($"invalid field selector: unescaped character in value: {c}");
            }

            if (c == '\\')
            {
                i++;
                if (i == value.Length || value[i] is not ('\\' or ',' or '='))
                {
                    throw Wrong($"invalid field selector: invalid escape sequence: {value[(i - 1)..Math.Min(i + 1, value.Length)]}");
                }
            }

            result.Append(value[i]);
        }

        return result.ToString();
    }

    private static ApiException Wrong(string message) => new(StatusReason.BadRequest, message);
}
