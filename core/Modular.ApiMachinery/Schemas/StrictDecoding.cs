namespace Modular.ApiMachinery;

/// <summary>What clients are told about fields that were ignored, according to the fieldValidation they asked for.</summary>
public static class StrictDecoding
{
    /// <summary>How many problems of one kind are told, as in Kubernetes; a body may hold a hundred thousand.</summary>
    public const int MostProblems = 100;

    private const int MostShown = 1000;

    /// <summary>A path as it is told; the names in it may be as long as a body.</summary>
    public static string Shown(string path) => Shown(path, MostShown);

    /// <summary>A path of which no more is told than so many characters.</summary>
    internal static string Shown(string path, int most) => path.Length <= most ? path : path[..most] + "...";

    /// <summary>One text per field, as Warning headers and errors hold them; empty if nothing was ignored.</summary>
    /// <param name="unknown">Paths that the schema does not know.</param>
    /// <param name="duplicates">Paths that stood twice.</param>
    public static IReadOnlyList<string> Problems(IReadOnlyCollection<string> unknown, IReadOnlyCollection<string> duplicates)
    {
        if (unknown.Count + duplicates.Count == 0)
        {
            return [];
        }

        return [.. unknown.Select(path => $"unknown field \"{path}\""), .. duplicates.Select(path => $"duplicate field \"{path}\"")];
    }

    /// <summary>The answer to a request that asked for Strict.</summary>
    /// <param name="kind">The object's kind.</param>
    /// <param name="problems">From <see cref="Problems"/>, at least one.</param>
    public static ApiException Error(GroupVersionKind kind, IReadOnlyList<string> problems) =>
        new(StatusReason.BadRequest, $"{SchemaDecoder.CannotHandle(kind)}: strict decoding error: {string.Join(", ", problems)}");
}
