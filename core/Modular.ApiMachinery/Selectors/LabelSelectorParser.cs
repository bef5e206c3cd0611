namespace Modular.ApiMachinery;

/// <summary>Reads the text form of label selectors: requirements with commas between them.</summary>
internal sealed class LabelSelectorParser(string text)
{
    private const string Operators = "in, notin, =, ==, !=, gt, lt";

    private readonly LabelSelectorLexer _lexer = new(text);

    public List<LabelRequirement> Parse()
    {
        var requirements = new List<LabelRequirement>();
        while (!_lexer.AtEnd)
        {
            if (!_lexer.AtWord && !_lexer.At("!"))
            {
                throw Wrong($"found '{_lexer.Current}', expected: !, identifier, or 'end of string'");
            }

            requirements.Add(Requirement());
            if (_lexer.AtEnd)
            {
                break;
            }

            if (!_lexer.At(","))
            {
                throw Wrong($"found '{_lexer.Current}', expected: ',' or 'end of string'");
            }

            _lexer.Next();
            if (!_lexer.AtWord && !_lexer.At("!"))
            {
                throw Wrong($"found '{_lexer.Current}', expected: identifier after ','");
            }
        }

        return requirements;
    }

    private LabelRequirement Requirement()
    {
        var negated = _lexer.At("!");
        if (negated)
        {
            _lexer.Next();
        }

        var key = Word("identifier");
        RequireValid(NameRules.QualifiedName(key), "<nil>", key);
        if (negated)
        {
            return new LabelRequirement(key, LabelOperator.DoesNotExist, []);
        }

        if (_lexer.AtEnd || _lexer.At(","))
        {
            return new LabelRequirement(key, LabelOperator.Exists, []);
        }

        var op = Operator();
        var values = op is LabelOperator.In or LabelOperator.NotIn ? ValueSet() : [SingleValue()];
        for (var i = 0; i < values.Length; i++)
        {
            RequireValid(NameRules.LabelValue(values[i]), $"values[{i}][{key}]", values[i]);
        }

        if (op is LabelOperator.GreaterThan or LabelOperator.LessThan && !LabelRequirement.TryNumber(values[0], out _))
        {
            throw WrongRequirement($"values[0]: Invalid value: \"{values[0]}\": for 'Gt', 'Lt' operators, the value must be an integer");
        }

        return new LabelRequirement(key, op, values);
    }

    private LabelOperator Operator()
    {
        LabelOperator? op = _lexer.Current switch
        {
            "=" or "==" => LabelOperator.Equals,
            "!=" => LabelOperator.NotEquals,
            "in" => LabelOperator.In,
            "notin" => LabelOperator.NotIn,
            ">" => LabelOperator.GreaterThan,
            "<" => LabelOperator.LessThan,
            _ => null,
        };
        if (op is null)
        {
            throw WrongRequirement($"found '{_lexer.Current}', expected: {Operators}");
        }

        _lexer.Next();
        return op.Value;
    }

    private string SingleValue() => _lexer.AtEnd || _lexer.At(",") ? "" : Word("identifier");

    private string[] ValueSet()
    {
        if (!_lexer.At("("))
        {
            throw WrongRequirement($"found '{_lexer.Current}' expected: '('");
        }

        _lexer.Next();
        var values = new SortedSet<string>(StringComparer.Ordinal);
        while (true)
        {
            values.Add(_lexer.At(",") || _lexer.At(")") ? "" : Word("',', or identifier"));
            if (_lexer.At(")"))
            {
                _lexer.Next();
                return [.. values];
            }

            if (!_lexer.At(","))
            {
                throw WrongRequirement($"found '{_lexer.Current}', expected: ',' or ')'");
            }

            _lexer.Next();
        }
    }

    private string Word(string expected)
    {
        if (!_lexer.AtWord)
        {
            throw WrongRequirement($"found '{_lexer.Current}', expected: {expected}");
        }

        var word = _lexer.Current;
        _lexer.Next();
        return word;
    }

    private static void RequireValid(IReadOnlyList<string> problems, string path, string value)
    {
        if (problems.Count > 0)
        {
            throw WrongRequirement($"{path}: Invalid value: \"{value}\": {string.Join("; ", problems)}");
        }
    }

    private static ApiException WrongRequirement(string message) => Wrong("unable to parse requirement: " + message);

    private static ApiException Wrong(string message) => new(StatusReason.BadRequest, message);
}
