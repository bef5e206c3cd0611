using System.Buffers;

namespace Modular.ApiMachinery;

/// <summary>Splits a label selector into words and symbols. The current token is empty at the end.</summary>
internal sealed class LabelSelectorLexer
{
    private static readonly SearchValues<char> Delimiters = SearchValues.Create("=!(),>< \t\r\n");

    private readonly string _text;
    private int _position;
    private bool _isWord;

    public LabelSelectorLexer(string text)
    {
        _text = text;
        Next();
    }

    public string Current { get; private set; } = "";

    public bool AtEnd => Current.Length == 0;

    public bool AtWord => _isWord;

    public bool At(string symbol) => !_isWord && Current == symbol;

    public void Next()
    {
        while (_position < _text.Length && _text[_position] is ' ' or '\t' or '\r' or '\n')
        {
            _position++;
        }

        var rest = _text.AsSpan(_position);
        _isWord = rest.Length > 0 && !Delimiters.Contains(rest[0]);
        var length = _isWord ? WordLength(rest) : SymbolLength(rest);
        Current = rest[..length].ToString();
        _position += length;
    }

    private static int WordLength(ReadOnlySpan<char> rest)
    {
        var end = rest.IndexOfAny(Delimiters);
        return end < 0 ? rest.Length : end;
    }

    private static int SymbolLength(ReadOnlySpan<char> rest) =>
        rest.StartsWith("==") || rest.StartsWith("!=") ? 2 : Math.Min(rest.Length, 1);
}
