using System.Globalization;

namespace Modular.ApiMachinery;

/// <summary>One condition of a label selector. Immutable.</summary>
public sealed class LabelRequirement
{
    private readonly string[] _values;
    private readonly long _number;

    internal LabelRequirement(string key, LabelOperator op, string[] values)
    {
        Key = key;
        Operator = op;
        _values = values;
        if (op is LabelOperator.GreaterThan or LabelOperator.LessThan)
        {
            _number = long.Parse(values[0], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        }
    }

    /// <summary>The label's key.</summary>
    public string Key { get; }

    /// <summary>How the label is compared.</summary>
    public LabelOperator Operator { get; }

    /// <summary>What it is compared with, sorted; empty for Exists and DoesNotExist.</summary>
    public IReadOnlyList<string> Values => _values;

    /// <summary>True if only labels with exactly one value fulfil this: an index can answer it.</summary>
    public bool IsExact => _values.Length == 1 && Operator is LabelOperator.Equals or LabelOperator.In;

    /// <summary>Whether the labels fulfil this. Allocates nothing.</summary>
    public bool Matches(IReadOnlyDictionary<string, string> labels)
    {
        var present = labels.TryGetValue(Key, out var value);
        return Operator switch
        {
            LabelOperator.Equals or LabelOperator.In => present && HasValue(value!),
            LabelOperator.NotEquals or LabelOperator.NotIn => !present || !HasValue(value!),
            LabelOperator.Exists => present,
            LabelOperator.DoesNotExist => !present,
            LabelOperator.GreaterThan => present && TryNumber(value!, out var number) && number > _number,
            _ => present && TryNumber(value!, out var number) && number < _number,
        };
    }

    /// <inheritdoc />
    public override string ToString() => Operator switch
    {
        LabelOperator.Equals => $"{Key}={_values[0]}",
        LabelOperator.NotEquals => $"{Key}!={_values[0]}",
        LabelOperator.In => $"{Key} in ({string.Join(',', _values)})",
        LabelOperator.NotIn => $"{Key} notin ({string.Join(',', _values)})",
        LabelOperator.Exists => Key,
        LabelOperator.DoesNotExist => "!" + Key,
        LabelOperator.GreaterThan => $"{Key}>{_values[0]}",
        _ => $"{Key}<{_values[0]}",
    };

    internal static bool TryNumber(string text, out long number) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);

    private bool HasValue(string value)
    {
        foreach (var candidate in _values)
        {
            if (candidate == value)
            {
                return true;
            }
        }

        return false;
    }
}
