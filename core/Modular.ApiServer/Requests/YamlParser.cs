using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Modular.ApiServer;

/// <summary>A parser that says of everything that is no YAML where it stands: the library meets some of it with exceptions that tell nothing.</summary>
internal sealed class YamlParser(TextReader text) : IParser
{
    private readonly Parser _parser = new(text);

    public ParsingEvent? Current => _parser.Current;

    public bool MoveNext()
    {
        try
        {
            return _parser.MoveNext();
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or IndexOutOfRangeException)
        {
            var end = _parser.Current?.End ?? Mark.Empty;
            throw new YamlException(end, end, "what follows is not YAML", e);
        }
    }
}
