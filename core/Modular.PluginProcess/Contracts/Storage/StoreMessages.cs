using Google.Protobuf;
using Modular.Abstractions;
using Protocol = Modular.PluginProcess.Protocol;

namespace Modular.PluginProcess.Contracts;

/// <summary>The records of the store's contract as messages, and back. Values are not copied: nobody changes them.</summary>
internal static class StoreMessages
{
    public static Protocol.StoreStatus ToMessage(StoreStatus status) =>
        new() { Current = status.Current, Compacted = status.Compacted, Bytes = status.Bytes, Writable = status.Writable };

    public static StoreStatus FromMessage(Protocol.StoreStatus message) =>
        new() { Current = message.Current, Compacted = message.Compacted, Bytes = message.Bytes, Writable = message.Writable };

    public static Protocol.RangeRequest ToMessage(RangeRequest request)
    {
        var message = new Protocol.RangeRequest
        {
            From = request.From,
            Limit = request.Limit,
            Revision = request.Revision,
            KeysOnly = request.KeysOnly,
            CountOnly = request.CountOnly,
        };
        if (request.To is { } to)
        {
            message.To = to;
        }

        return message;
    }

    public static RangeRequest FromMessage(Protocol.RangeRequest message) => new()
    {
        From = message.From,
        To = message.HasTo ? message.To : null,
        Limit = message.Limit,
        Revision = message.Revision,
        KeysOnly = message.KeysOnly,
        CountOnly = message.CountOnly,
    };

    public static Protocol.RangeResult ToMessage(RangeResult result)
    {
        var message = new Protocol.RangeResult
        {
            Outcome = result.Outcome switch
            {
                RangeOutcome.Found => Protocol.RangeResult.Types.Outcome.Found,
                RangeOutcome.Compacted => Protocol.RangeResult.Types.Outcome.Compacted,
                RangeOutcome.Future => Protocol.RangeResult.Types.Outcome.Future,
                _ => Protocol.RangeResult.Types.Outcome.Unspecified,
            },
            Revision = result.Revision,
            Count = result.Count,
        };
        message.Entries.AddRange(result.Entries.Select(ToMessage));
        return message;
    }

    /// <returns>Null if the outcome is not known.</returns>
    public static RangeResult? FromMessage(Protocol.RangeResult message)
    {
        RangeOutcome? outcome = message.Outcome switch
        {
            Protocol.RangeResult.Types.Outcome.Found => RangeOutcome.Found,
            Protocol.RangeResult.Types.Outcome.Compacted => RangeOutcome.Compacted,
            Protocol.RangeResult.Types.Outcome.Future => RangeOutcome.Future,
            _ => null,
        };
        return outcome is null ? null : new RangeResult
        {
            Outcome = outcome.Value,
            Revision = message.Revision,
            Entries = FromMessages(message.Entries, FromMessage),
            Count = message.Count,
        };
    }

    public static Protocol.CommitRequest ToMessage(CommitRequest request)
    {
        var message = new Protocol.CommitRequest();
        message.Guards.AddRange(request.Guards.Select(guard => new Protocol.CommitGuard { Key = guard.Key, ModRevision = guard.ModRevision }));
        foreach (var operation in request.Operations)
        {
            var change = new Protocol.CommitOperation { Key = operation.Key };
            if (operation.Value is { } value)
            {
                change.Value = UnsafeByteOperations.UnsafeWrap(value);
            }

            message.Operations.Add(change);
        }

        return message;
    }

    public static CommitRequest FromMessage(Protocol.CommitRequest message) => new()
    {
        Guards = FromMessages(message.Guards, guard => new CommitGuard(guard.Key, guard.ModRevision)),
        Operations = FromMessages(message.Operations, operation => new CommitOperation(operation.Key, operation.HasValue ? operation.Value.Memory : default(ReadOnlyMemory<byte>?))),
    };

    public static Protocol.CommitResult ToMessage(CommitResult result) => new()
    {
        Outcome = result.Outcome switch
        {
            CommitOutcome.Committed => Protocol.CommitResult.Types.Outcome.Committed,
            CommitOutcome.Conflict => Protocol.CommitResult.Types.Outcome.Conflict,
            CommitOutcome.NoSpace => Protocol.CommitResult.Types.Outcome.NoSpace,
            CommitOutcome.TooLarge => Protocol.CommitResult.Types.Outcome.TooLarge,
            _ => Protocol.CommitResult.Types.Outcome.Unknown,
        },
        Revision = result.Revision,
        Current = result.Current is { } current ? ToMessage(current) : null,
        Limit = result.Limit,
    };

    public static CommitResult FromMessage(Protocol.CommitResult message) => new()
    {
        Outcome = message.Outcome switch
        {
            Protocol.CommitResult.Types.Outcome.Committed => CommitOutcome.Committed,
            Protocol.CommitResult.Types.Outcome.Conflict => CommitOutcome.Conflict,
            Protocol.CommitResult.Types.Outcome.NoSpace => CommitOutcome.NoSpace,
            Protocol.CommitResult.Types.Outcome.TooLarge => CommitOutcome.TooLarge,
            _ => CommitOutcome.Unknown,
        },
        Revision = message.Revision,
        Current = message.Current is { } current ? FromMessage(current) : null,
        Limit = message.Limit,
    };

    public static Protocol.StoreWatchRequest ToMessage(StoreWatchRequest request) =>
        new() { From = request.From, To = request.To, Revision = request.Revision, WithPrevious = request.WithPrevious };

    public static StoreWatchRequest FromMessage(Protocol.StoreWatchRequest message) =>
        new() { From = message.From, To = message.To, Revision = message.Revision, WithPrevious = message.WithPrevious };

    public static Protocol.StoreWatchBatch ToMessage(StoreWatchBatch batch)
    {
        var message = new Protocol.StoreWatchBatch
        {
            Kind = batch.Kind switch
            {
                StoreWatchKind.Changes => Protocol.StoreWatchBatch.Types.Kind.Changes,
                StoreWatchKind.Progress => Protocol.StoreWatchBatch.Types.Kind.Progress,
                StoreWatchKind.Compacted => Protocol.StoreWatchBatch.Types.Kind.Compacted,
                _ => Protocol.StoreWatchBatch.Types.Kind.Unspecified,
            },
            Revision = batch.Revision,
        };
        message.Changes.AddRange(batch.Changes.Select(ToMessage));
        return message;
    }

    /// <returns>Null if the kind is not known.</returns>
    public static StoreWatchBatch? FromMessage(Protocol.StoreWatchBatch message)
    {
        StoreWatchKind? kind = message.Kind switch
        {
            Protocol.StoreWatchBatch.Types.Kind.Changes => StoreWatchKind.Changes,
            Protocol.StoreWatchBatch.Types.Kind.Progress => StoreWatchKind.Progress,
            Protocol.StoreWatchBatch.Types.Kind.Compacted => StoreWatchKind.Compacted,
            _ => null,
        };
        return kind is null ? null : new StoreWatchBatch { Kind = kind.Value, Revision = message.Revision, Changes = FromMessages(message.Changes, FromMessage) };
    }

    private static Protocol.StoreEntry ToMessage(StoreEntry entry) => new()
    {
        Key = entry.Key,
        Value = UnsafeByteOperations.UnsafeWrap(entry.Value),
        CreateRevision = entry.CreateRevision,
        ModRevision = entry.ModRevision,
    };

    private static StoreEntry FromMessage(Protocol.StoreEntry message) => new(message.Key, message.Value.Memory, message.CreateRevision, message.ModRevision);

    private static Protocol.StoreChange ToMessage(StoreChange change)
    {
        var message = new Protocol.StoreChange { Key = change.Key, Revision = change.Revision, CreateRevision = change.CreateRevision };
        if (change.Value is { } value)
        {
            message.Value = UnsafeByteOperations.UnsafeWrap(value);
        }

        if (change.Previous is { } previous)
        {
            message.Previous = UnsafeByteOperations.UnsafeWrap(previous);
        }

        return message;
    }

    private static StoreChange FromMessage(Protocol.StoreChange message) => new()
    {
        Key = message.Key,
        Revision = message.Revision,
        Value = message.HasValue ? message.Value.Memory : default(ReadOnlyMemory<byte>?),
        Previous = message.HasPrevious ? message.Previous.Memory : default(ReadOnlyMemory<byte>?),
        CreateRevision = message.CreateRevision,
    };

    private static TRecord[] FromMessages<TMessage, TRecord>(Google.Protobuf.Collections.RepeatedField<TMessage> messages, Func<TMessage, TRecord> convert)
    {
        var records = new TRecord[messages.Count];
        for (var i = 0; i < records.Length; i++)
        {
            records[i] = convert(messages[i]);
        }

        return records;
    }
}
