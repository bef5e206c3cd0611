using System.Globalization;
using System.Text;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Strategies;

/// <summary>The query parameters of a request to stream, read as Kubernetes reads them, and the ones passed on to the node.</summary>
internal sealed class StreamQuery(IReadOnlyList<KeyValuePair<string, string>> parameters)
{
    private static readonly string[] Streams = ["stdin", "stdout", "stderr"];

    private readonly StringBuilder _passedOn = new();

    /// <summary>The query for the node, with its question mark; empty if nothing is passed on.</summary>
    public override string ToString() => _passedOn.ToString();

    /// <summary>The first value of a parameter; empty if it is absent.</summary>
    public string Text(string name)
    {
        foreach (var (key, value) in parameters)
        {
            if (key == name)
            {
                return value;
            }
        }

        return "";
    }

    /// <summary>True if a parameter is there and says neither false nor 0.</summary>
    public bool Flag(string name)
    {
        foreach (var (key, value) in parameters)
        {
            if (key == name)
            {
                return value is not ("false" or "0");
            }
        }

        return false;
    }

    /// <summary>A whole number; null if it is absent.</summary>
    /// <exception cref="ApiException">BadRequest: it is none.</exception>
    public long? Number(string name)
    {
        var text = Text(name);
        if (text.Length == 0)
        {
            return null;
        }

        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new ApiException(StatusReason.BadRequest, $"strconv.ParseInt: parsing \"{text}\": invalid syntax");
    }

    /// <summary>Every value of a parameter that may be repeated.</summary>
    public IEnumerable<string> All(string name)
    {
        foreach (var (key, value) in parameters)
        {
            if (key == name)
            {
                yield return value;
            }
        }
    }

    public void PassOn(string name, string value) =>
        _passedOn.Append(_passedOn.Length == 0 ? '?' : '&').Append(name).Append('=').Append(Uri.EscapeDataString(value));

    public void PassOn(string name, long? value)
    {
        if (value is { } number)
        {
            PassOn(name, number.ToString(CultureInfo.InvariantCulture));
        }
    }

    /// <summary>Which streams of a program are wanted, and whether they are a terminal's.</summary>
    /// <exception cref="ApiException">BadRequest: none is.</exception>
    public void PassOnStreams()
    {
        if (!Streams.Any(Flag))
        {
            throw new ApiException(StatusReason.BadRequest, "you must specify at least 1 of stdin, stdout, stderr");
        }

        foreach (var stream in Streams)
        {
            PassOnFlag(stream);
        }

        PassOnFlag("tty");
    }

    public void PassOnFlag(string name)
    {
        if (Flag(name))
        {
            PassOn(name, "true");
        }
    }
}
