using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Abstractions;

/// <summary>
/// How the pipeline asks what the code of a kind says: strategy, actions, connects and tables. A question holds everything it needs, so that it can be one
/// message to another process; <see cref="StrategyRules"/> answers it from the definition in this one. Thread-safe.
/// </summary>
public interface IResourceRules
{
    /// <summary>Takes an object that is to be stored through some steps of its strategy, in the order of <see cref="WriteSteps"/>; changes it in place.</summary>
    /// <exception cref="ApiException">The write is refused, or nobody can be asked: ServiceUnavailable.</exception>
    ValueTask<WriteRuling> WriteAsync(ResourceWrite write, CancellationToken cancellationToken);

    /// <summary>
    /// Says how a request to delete is carried out. If the object is not being deleted yet, it begins to be: <see cref="DeletionRuling.Begin"/>, then the
    /// strategy's <see cref="IResourceStrategy.BeginDeletion"/>, in place.
    /// </summary>
    /// <exception cref="ApiException">Nobody can be asked: ServiceUnavailable.</exception>
    ValueTask<DeletionRuling> DeleteAsync(
        ResourceDefinition definition, StrategyContext context, JsonObject obj, long? requestedGraceSeconds, CancellationToken cancellationToken);

    /// <summary>Has an action change the object in place.</summary>
    /// <exception cref="ApiException">The request cannot be carried out, or nobody can be asked.</exception>
    ValueTask<ActionRuling> ApplyAsync(
        ResourceDefinition definition, Subresource action, StrategyContext context, JsonObject request, JsonObject obj, CancellationToken cancellationToken);

    /// <summary>Translates a client's request to be connected into one for a node or an address.</summary>
    /// <exception cref="ApiException">The object has no node yet, a parameter is wrong, or nobody can be asked.</exception>
    ValueTask<NodeRequest> ResolveAsync(
        ResourceDefinition definition, Subresource connect, ConnectQuestion question, CancellationToken cancellationToken);

    /// <summary>
    /// Converts objects of a kind that is stored as another, in place. apiVersion and kind are the caller's, and so is what names an object.
    /// </summary>
    /// <exception cref="ApiException">A field cannot be read, or nobody can be asked: ServiceUnavailable.</exception>
    ValueTask ConvertAsync(
        ResourceDefinition definition, ConversionDirection direction, IReadOnlyList<JsonObject> objects, CancellationToken cancellationToken);

    /// <summary>Renders the kind's own columns of many objects, in their order.</summary>
    /// <returns>For each object one cell per column, as JSON scalars.</returns>
    ValueTask<IReadOnlyList<IReadOnlyList<JsonNode?>>> RenderAsync(
        ResourceDefinition definition, IReadOnlyList<ApiObject> objects, DateTimeOffset now, CancellationToken cancellationToken);
}

/// <summary>Steps of a strategy on the way of a write.</summary>
[Flags]
public enum WriteSteps
{
    /// <summary>Nothing.</summary>
    None = 0,
    /// <summary><see cref="IResourceStrategy.Default"/>.</summary>
    Default = 1,
    /// <summary>PrepareForCreate, or PrepareForUpdate where there is an old object.</summary>
    Prepare = 2,
    /// <summary><see cref="IResourceStrategy.Validate"/>; then, if nothing is wrong, warnings and whether a deletion is held.</summary>
    Validate = 4,
    /// <summary>
    /// <see cref="IResourceStrategy.ReserveAsync"/>, if nothing is wrong. Together with others it may be left out, which the answer says; it is asked for
    /// again then, by itself.
    /// </summary>
    Reserve = 8,
}

/// <summary>A write as its kind's rules see it.</summary>
public sealed record ResourceWrite
{
    /// <summary>The kind.</summary>
    public required ResourceDefinition Definition { get; init; }

    /// <summary>Who asks for what.</summary>
    public required StrategyContext Context { get; init; }

    /// <summary>The object that is to be stored; steps change it in place.</summary>
    public required JsonObject Object { get; init; }

    /// <summary>The object as it is; null on create.</summary>
    public JsonObject? Old { get; init; }

    /// <summary>What to do with it.</summary>
    public required WriteSteps Steps { get; init; }

    /// <summary>Shown the object as it is after <see cref="WriteSteps.Default"/>, before later steps; it must not change it. Null if nobody wants to see it.</summary>
    public Action<JsonObject>? Defaulted { get; init; }
}

/// <summary>What a kind's rules say of a write.</summary>
public sealed record WriteRuling
{
    /// <summary>That there is nothing to say.</summary>
    public static WriteRuling Nothing { get; } = new();

    /// <summary>One for each wrong field; the write is refused if there are any.</summary>
    public IReadOnlyList<StatusCause> Errors { get; init; } = [];

    /// <summary>Texts for the Warning header.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>Whether an object that is being deleted must stay though nothing in its metadata keeps it.</summary>
    public bool HoldsDeletion { get; init; }

    /// <summary>Whether <see cref="WriteSteps.Reserve"/> was done, if it was asked for.</summary>
    public bool HasReserved { get; init; }

    /// <summary>What was taken, which the caller disposes; null for nothing.</summary>
    public IReservation? Reservation { get; init; }
}

/// <summary>How an object is deleted.</summary>
/// <param name="GraceSeconds">How long it stays; 0 for at once.</param>
/// <param name="HoldsDeletion">Whether it must stay longer though nothing in its metadata keeps it.</param>
public sealed record DeletionRuling(long GraceSeconds, bool HoldsDeletion)
{
    /// <summary>Marks an object as being deleted from now on.</summary>
    public static void Begin(JsonObject obj, DateTimeOffset now, long graceSeconds)
    {
        var metadata = obj.GetOrAddObject("metadata");
        metadata["deletionTimestamp"] = KubernetesTime.Format(now.AddSeconds(graceSeconds));
        metadata["deletionGracePeriodSeconds"] = graceSeconds;
    }
}

/// <summary>What an action did.</summary>
/// <param name="Answer">What it came to.</param>
/// <param name="HoldsDeletion">Whether an object that is being deleted must stay though nothing in its metadata keeps it.</param>
public sealed record ActionRuling(ActionAnswer Answer, bool HoldsDeletion);
