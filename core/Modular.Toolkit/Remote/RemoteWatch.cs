using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Modular.Abstractions;
using Modular.ApiMachinery;

namespace Modular.Toolkit;

/// <summary>One connection's changes of a scope.</summary>
internal sealed class RemoteWatch : IDisposable
{
    // The server tells its revision about once a minute. One that is silent for longer is gone without a word.
    private static readonly TimeSpan LongestSilence = TimeSpan.FromMinutes(3);

    private readonly HttpResponseMessage _response;
    private readonly TimeProvider _time;

    private RemoteWatch(HttpResponseMessage response, TimeProvider time) => (_response, _time) = (response, time);

    /// <summary>Opens a watch for what happens after a revision.</summary>
    /// <exception cref="ApiException">The server refused, can't be reached, or does not know the revision (<see cref="IsGap"/>).</exception>
    public static async ValueTask<RemoteWatch> OpenAsync(
        RemoteCalls calls, ResourceScope scope, long after, TimeProvider time, CancellationToken cancellationToken)
    {
        // Watches that began together shall not all come back together.
        var seconds = 1800 + Random.Shared.Next(1800);
        var path = RemotePaths.Of(scope, "watch=true&allowWatchBookmarks=true", $"timeoutSeconds={seconds}", $"resourceVersion={after}");
        return new RemoteWatch(await calls.OpenAsync(path, cancellationToken).ConfigureAwait(false), time);
    }

    /// <summary>Whether only another list helps: the server forgot the revision, or never had it, as after its data was put back.</summary>
    public static bool IsGap(ApiException failure) =>
        failure.Reason is StatusReason.Expired or StatusReason.Gone || failure.Status.Causes.Any(cause => cause.Reason == "ResourceVersionTooLarge");

    /// <summary>Changes and bookmarks, until the server ends the stream.</summary>
    /// <exception cref="ApiException">The server ended it with a failure.</exception>
    /// <exception cref="IOException">The connection broke, or died without a word.</exception>
    public async IAsyncEnumerable<WatchEvent> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var silence = new CancellationTokenSource(LongestSilence, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, silence.Token);
        var reader = PipeReader.Create(await _response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false));
        try
        {
            while (true)
            {
                silence.CancelAfter(LongestSilence);
                var read = await ReadAsync(reader, either.Token, cancellationToken).ConfigureAwait(false);
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

    /// <inheritdoc />
    public void Dispose() => _response.Dispose();

    private static async ValueTask<ReadResult> ReadAsync(PipeReader reader, CancellationToken either, CancellationToken cancellationToken)
    {
        try
        {
            return await reader.ReadAsync(either).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new IOException("the watch was silent for too long", e);
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
