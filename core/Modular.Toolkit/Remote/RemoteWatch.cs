using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Modular.Abstractions;
using Modular.ApiMachinery;

namespace Modular.Toolkit;

/// <summary>Reads one connection's changes of a scope.</summary>
internal static class RemoteWatch
{
    // The server's part; a connection that died without a word is the HTTP handler's to notice.
    private const string Parameters = "watch=true&allowWatchBookmarks=true&timeoutSeconds=3000";

    /// <summary>Changes after a revision, and bookmarks, until the server ends the stream.</summary>
    /// <exception cref="ApiException">The server refused, can't be reached, or no longer knows the revision (Expired).</exception>
    /// <exception cref="IOException">The connection broke.</exception>
    public static async IAsyncEnumerable<WatchEvent> ReadAsync(
        RemoteCalls calls, ResourceScope scope, long after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var response = await calls.OpenAsync(RemotePaths.Of(scope, Parameters, $"resourceVersion={after}"), cancellationToken).ConfigureAwait(false);
        var reader = PipeReader.Create(await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false));
        try
        {
            while (true)
            {
                var read = await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
                var buffer = read.Buffer;
                while (buffer.PositionOf((byte)'\n') is { } end)
                {
                    var line = buffer.Slice(0, end);
                    buffer = buffer.Slice(buffer.GetPosition(1, end));
                    if (line.Length > 0)
                    {
                        yield return Parse(line);
                    }
                }

                reader.AdvanceTo(buffer.Start, buffer.End);
                if (read.IsCompleted)
                {
                    yield break;
                }
            }
        }
        finally
        {
            await reader.CompleteAsync().ConfigureAwait(false);
        }
    }

    private static WatchEvent Parse(ReadOnlySequence<byte> line)
    {
        var change = JsonDecoder.DecodeObject(line.IsSingleSegment ? line.FirstSpan : line.ToArray(), out _);
        var obj = change.GetObject("object") ?? throw new IOException("an event of the watch holds no object");
        return change.GetString("type") switch
        {
            "ADDED" => new WatchEvent(WatchEventType.Added, RemoteObjects.Read(obj)),
            "MODIFIED" => new WatchEvent(WatchEventType.Modified, RemoteObjects.Read(obj)),
            "DELETED" => new WatchEvent(WatchEventType.Deleted, RemoteObjects.Read(obj)),
            "BOOKMARK" => new WatchEvent(WatchEventType.Bookmark, RemoteObjects.Read(obj)),
            "ERROR" => throw new ApiException(ApiStatus.FromJson(obj)),
            var other => throw new IOException($"the watch holds an event of type '{other}'"),
        };
    }
}
