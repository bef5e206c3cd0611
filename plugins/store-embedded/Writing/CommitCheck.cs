using Modular.Plugins.StoreEmbedded.Log;

namespace Modular.Plugins.StoreEmbedded.Writing;

/// <summary>Checks what can be checked of a commit before it waits for its turn, and takes its values over.</summary>
internal static class CommitCheck
{
    public const int MaxKeyLength = 1024;
    private const int ComparedPairwise = 8;

    /// <summary>The operations with values of the store's own; null if a key or value is too large.</summary>
    /// <exception cref="ArgumentException">The request breaks the contract: no operation, a key twice, or a key that is none.</exception>
    public static StoreOperation[]? Take(CommitRequest request, int maxValueBytes)
    {
        var operations = request.Operations;
        if (operations.Count == 0)
        {
            throw new ArgumentException("a commit needs at least one operation", nameof(request));
        }

        for (var i = 0; i < operations.Count; i++)
        {
            if (operations[i].Key.Length > MaxKeyLength || (operations[i].Value?.Length ?? 0) > maxValueBytes)
            {
                return null;
            }

            RequireKey(operations[i].Key);
        }

        RequireDifferentKeys(operations);
        var taken = new StoreOperation[operations.Count];
        for (var i = 0; i < taken.Length; i++)
        {
            // A copy: the caller's memory may come from a pool.
            taken[i] = new StoreOperation(operations[i].Key, operations[i].Value is { } value ? value.ToArray() : null);
        }

        return taken;
    }

    private static void RequireKey(string key)
    {
        if (key.Length == 0 || key.AsSpan().ContainsAnyExceptInRange('!', '~'))
        {
            throw new ArgumentException($"'{key}' is not a key; use printable ASCII characters without spaces");
        }
    }

    private static void RequireDifferentKeys(IReadOnlyList<CommitOperation> operations)
    {
        if (operations.Count > ComparedPairwise)
        {
            var keys = new HashSet<string>(operations.Count, StringComparer.Ordinal);
            for (var i = 0; i < operations.Count; i++)
            {
                RequireNew(keys.Add(operations[i].Key), operations[i].Key);
            }

            return;
        }

        for (var i = 1; i < operations.Count; i++)
        {
            for (var j = 0; j < i; j++)
            {
                RequireNew(!string.Equals(operations[i].Key, operations[j].Key, StringComparison.Ordinal), operations[i].Key);
            }
        }
    }

    private static void RequireNew(bool isNew, string key)
    {
        if (!isNew)
        {
            throw new ArgumentException($"the commit has two operations on {key}");
        }
    }
}
