using System.Text.Json.Nodes;

namespace Modular.Kernel;

/// <summary>Finds out who owns which fields after one write: as its writer leaves the object, before the server has its say.</summary>
/// <param name="target">What is written.</param>
/// <param name="manager">Who writes.</param>
/// <param name="now">When.</param>
internal sealed class OwnershipChange(RequestTarget target, string manager, DateTimeOffset now)
{
    private JsonObject? _old;

    /// <summary>Who owned what; after <see cref="Track"/>, who owns what.</summary>
    public ManagedFields Owners { get; private set; } = ManagedFields.None;

    /// <summary>Whether <see cref="Owners"/> came from somebody who applied, and is not to be looked for.</summary>
    public bool IsApplied { get; private set; }

    /// <summary>Which fields can be owned by those who write where this write goes.</summary>
    public static FieldScope ScopeOf(RequestTarget target) =>
        target.Subresource is { Type: SubresourceType.Status } ? FieldScope.Status
        : StatusWrites.HasStatus(target.Definition) ? FieldScope.AllButStatus
        : FieldScope.Whole;

    /// <summary>Who writes, as entries say it.</summary>
    public static FieldWriter WriterOf(RequestTarget target, string manager) =>
        new(manager, target.Definition.Kind.ApiVersion, target.Request.Subresource);

    /// <summary>Takes what a client says about ownership out of its object; null if it says nothing.</summary>
    /// <exception cref="ApiException">BadRequest: it is no list.</exception>
    public static JsonArray? Take(JsonObject obj)
    {
        var metadata = ObjectDecoder.Metadata(obj);
        if (!metadata.TryGetPropertyValue("managedFields", out var sent))
        {
            return null;
        }

        metadata.Remove("managedFields");
        return sent is null ? null : sent as JsonArray ?? throw RequestErrors.Bad("metadata.managedFields is not a list");
    }

    /// <summary>Begins with a new object.</summary>
    public OwnershipChange OfNew(JsonArray? sent)
    {
        Owners = sent is null || IsReset(sent) ? ManagedFields.None : Read(sent) ?? ManagedFields.None;
        return this;
    }

    /// <summary>Begins with a change of an object.</summary>
    /// <param name="current">The object as it is.</param>
    /// <param name="old">The same, decoded, without managedFields.</param>
    /// <param name="sent">What the client says. Through a subresource nobody says anything.</param>
    public OwnershipChange Of(ApiObject current, JsonObject old, JsonArray? sent)
    {
        _old = old;
        var stored = current.ManagedFields;
        if (sent is null || target.Subresource is not null)
        {
            Owners = ManagedFields.Read(stored);
        }
        else if (IsReset(sent))
        {
            Owners = ManagedFields.None;
        }
        else
        {
            Owners = Read(sent, stored) is { IsEmpty: false } stated ? stated : ManagedFields.Read(stored);
        }

        return this;
    }

    /// <summary>Begins, and ends, with what an apply found out.</summary>
    public OwnershipChange OfApplied(ManagedFields owners)
    {
        (Owners, IsApplied) = (owners, true);
        return this;
    }

    /// <summary>Takes in what the writer did. An object that nobody has tracked from its beginning is not tracked before somebody applies.</summary>
    public void Track(JsonObject obj)
    {
        if (IsApplied || (_old is not null && Owners.IsEmpty))
        {
            return;
        }

        var (schema, scope) = (target.Definition.Schema, ScopeOf(target));
        var change = _old is null ? FieldComparison.OfNew(obj, schema, scope) : FieldComparison.Of(_old, obj, schema, scope);
        Owners = Owners.Updated(WriterOf(target, manager), change, now);
    }

    private static bool IsReset(JsonArray sent) => sent is [] or [JsonObject { Count: 0 }];

    private static ManagedFields? Read(JsonArray sent) => ManagedFields.TryRead(ObjectEncoding.EncodeValue(sent), out var fields) ? fields : null;

    private static ManagedFields? Read(JsonArray sent, ReadOnlyMemory<byte> stored)
    {
        // Most send back what they read.
        var utf8 = ObjectEncoding.EncodeValue(sent);
        return utf8.AsSpan().SequenceEqual(stored.Span) ? ManagedFields.Read(stored) : ManagedFields.TryRead(utf8, out var fields) ? fields : null;
    }
}
