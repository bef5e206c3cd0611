namespace Modular.ApiMachinery;

/// <summary>What clients are told about fields that were ignored, according to the fieldValidation they asked for.</summary>
public static class StrictDecoding
{
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
