using System.Text.Json.Nodes;
using Modular.Abstractions;
using Modular.ApiMachinery;

namespace Modular.Toolkit;

/// <summary>Reads the objects of a scope, a part at a time.</summary>
internal static class RemoteList
{
    private const int Attempts = 3;

    /// <exception cref="ApiException">The server refused, or can't be reached.</exception>
    public static async ValueTask<ApiObjectList> ReadAsync(RemoteCalls calls, ResourceScope scope, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await ReadOnceAsync(calls, scope, cancellationToken).ConfigureAwait(false);
            }
            catch (ApiException e) when (e.Reason == StatusReason.Expired && attempt < Attempts)
            {
                // It took so long that the parts no longer fit together.
            }
        }
    }

    private static async ValueTask<ApiObjectList> ReadOnceAsync(RemoteCalls calls, ResourceScope scope, CancellationToken cancellationToken)
    {
        var items = new List<ApiObject>();
        var next = "";
        while (true)
        {
            var path = next.Length == 0 ? RemotePaths.Of(scope, "limit=500") : RemotePaths.Of(scope, "limit=500", $"continue={Uri.EscapeDataString(next)}");
            var answer = await calls.GetAsync(path, cancellationToken).ConfigureAwait(false);
            var kind = RemoteObjects.KindOf(answer);
            kind = kind with { Kind = kind.Kind.EndsWith("List", StringComparison.Ordinal) ? kind.Kind[..^"List".Length] : kind.Kind };
            items.AddRange((answer.GetArray("items") ?? []).OfType<JsonObject>().Select(item => RemoteObjects.Read(item, kind)));
            next = answer.GetString("metadata.continue") ?? "";
            if (next.Length == 0)
            {
                return new ApiObjectList(items, RemoteObjects.RevisionOf(answer));
            }
        }
    }
}
