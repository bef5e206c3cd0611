namespace Modular.Kernel;

/// <summary>The name of an object that stands for a server: <c>NAME</c>, <c>NAME:PORT</c> or <c>SCHEME:NAME:PORT</c>; scheme and port may be empty.</summary>
internal readonly record struct SchemeNamePort(string Scheme, string Name, string Port)
{
    /// <exception cref="ApiException">BadRequest: it is of none of these forms.</exception>
    public static SchemeNamePort Parse(string text)
    {
        SchemeNamePort? parsed = text.Split(':') switch
        {
            [var name] => new("", name, ""),
            [var name, var port] => new("", name, port),
            [("" or "http" or "https") and var scheme, var name, var port] => new(scheme, name, port),
            _ => null,
        };
        return parsed is { Name.Length: > 0 } found
            ? found
            : throw RequestErrors.Bad($"\"{text}\" names no server: it must be NAME, NAME:PORT or SCHEME:NAME:PORT, with http or https as scheme");
    }
}
