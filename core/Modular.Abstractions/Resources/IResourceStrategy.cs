using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Abstractions;

/// <summary>
/// The rules of a kind that its schema cannot say. Called by the pipeline around the generic steps; the objects are the pipeline's
/// working copies and may be changed where it says so. In process every call completes synchronously. Stateless and thread-safe.
/// </summary>
/// <remarks>
/// Order on create: schema decode and prune, <see cref="Default"/>, mutating admission and <see cref="Default"/> again if it cares, PrepareForCreate, Validate,
/// schema validation (of which all errors are told together), validating admission, <see cref="ReserveAsync"/>, commit. On update the same with PrepareForUpdate.
/// The pipeline itself sets uid and creationTimestamp before PrepareForCreate, keeps status on writes of the main resource and everything but status on writes
/// of the status subresource before the first of these steps, and counts the generation after Validate.
/// </remarks>
public interface IResourceStrategy
{
    /// <summary>Fills fields whose defaults depend on other fields. Schema defaults are already there. Must be idempotent.</summary>
    void Default(JsonObject obj)
    {
    }

    /// <summary>Resets or fills what a client may not choose, such as a new object's status.</summary>
    ValueTask PrepareForCreateAsync(StrategyContext context, JsonObject obj, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <summary>Resets or carries over what a client may not change.</summary>
    ValueTask PrepareForUpdateAsync(StrategyContext context, JsonObject obj, JsonObject old, CancellationToken cancellationToken) =>
        ValueTask.CompletedTask;

    /// <summary>Says what is wrong with an object. On create <paramref name="old"/> is null.</summary>
    void Validate(StrategyContext context, JsonObject obj, JsonObject? old, FieldErrors errors)
    {
    }

    /// <summary>
    /// Takes what a valid object needs of what all objects share, such as an address, and writes it into the object. Called last before the
    /// commit, in a dry run too; not for writes of status, nor for actions.
    /// </summary>
    /// <param name="context">Who asks.</param>
    /// <param name="obj">The object as it will be stored.</param>
    /// <param name="old">The object as it is; null on create.</param>
    /// <param name="errors">Receives what cannot be had.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>What was taken, which the caller disposes once the write has succeeded or failed; null for nothing.</returns>
    ValueTask<IReservation?> ReserveAsync(
        StrategyContext context, JsonObject obj, JsonObject? old, FieldErrors errors, CancellationToken cancellationToken) => default;

    /// <summary>Texts for the Warning header, for an object in which nothing is wrong; by default none.</summary>
    IReadOnlyList<string> Warnings(JsonObject obj) => [];

    /// <summary>
    /// How a request to delete is carried out, once preconditions hold; null for at once. A pod that runs somewhere answers its grace period.
    /// </summary>
    /// <param name="context">Who asks.</param>
    /// <param name="obj">The object as it is.</param>
    /// <param name="requestedGraceSeconds">What the caller asked for; null if nothing.</param>
    long? GracePeriodSeconds(StrategyContext context, JsonObject obj, long? requestedGraceSeconds) => null;

    /// <summary>
    /// Changes the object at the moment its graceful deletion begins (deletionTimestamp was just set), such as a phase of Terminating.
    /// </summary>
    void BeginDeletion(StrategyContext context, JsonObject obj)
    {
    }

    /// <summary>True if an object that is being deleted and has no finalizers in its metadata must still stay, such as a namespace with content.</summary>
    bool HoldsDeletion(JsonObject obj) => false;
}

/// <summary>What an object has taken before it is stored. Disposing gives back what was not kept.</summary>
public interface IReservation : IDisposable
{
    /// <summary>The object was stored: from now on it holds these itself.</summary>
    void Keep();
}

/// <summary>The strategy of a kind whose schema says everything.</summary>
public sealed class DefaultResourceStrategy : IResourceStrategy
{
    /// <summary>The only instance.</summary>
    public static DefaultResourceStrategy Instance { get; } = new();
}

/// <summary>What a strategy may know besides the objects.</summary>
public sealed record StrategyContext
{
    /// <summary>Who asks.</summary>
    public required UserInfo User { get; init; }

    /// <summary>The resource in the URL, which may be another version of the one whose rules are asked.</summary>
    public required GroupVersionResource Resource { get; init; }

    /// <summary>The namespace of the request; empty for cluster-scoped kinds.</summary>
    public required string Namespace { get; init; }

    /// <summary>The name in the URL; empty on create.</summary>
    public required string Name { get; init; }

    /// <summary>The subresource written through; empty for the object itself.</summary>
    public string Subresource { get; init; } = "";

    /// <summary>The time of the request, in UTC.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>Whether nothing is to be stored, and others are to be left as they are.</summary>
    public bool DryRun { get; init; }

    /// <summary>True if endpoint addresses may be loopback.</summary>
    public bool AllowLoopbackEndpoints { get; init; }
}

/// <summary>A request of another kind that becomes a change of the object, such as a pod's binding, or its end, such as a pod's eviction.</summary>
public interface ISubresourceAction
{
    /// <summary>
    /// Applies the request to the object; the pipeline stores the result if it changed. Runs again on a conflict.
    /// </summary>
    /// <exception cref="ApiException">The request cannot be carried out.</exception>
    ValueTask<ActionAnswer> ApplyAsync(StrategyContext context, JsonObject request, JsonObject obj, CancellationToken cancellationToken);
}

/// <summary>What an action came to.</summary>
public sealed record ActionAnswer
{
    /// <summary>That it is done.</summary>
    public static ActionAnswer Done { get; } = new();

    /// <summary>What the client gets; null for a plain success Status with code 201.</summary>
    public JsonObject? Body { get; init; }

    /// <summary>How the object is to be deleted, as if the client had asked for that; null if it stays. What the action changed in it is not stored then.</summary>
    public DeleteOptions? Deletion { get; init; }
}

/// <summary>Finds out who answers for an object, and what to ask.</summary>
public interface ISubresourceConnect
{
    /// <summary>Translates a client's request into one for the node, or for an address.</summary>
    /// <exception cref="ApiException">The object has no node yet, or a parameter is wrong.</exception>
    NodeRequest Resolve(ConnectQuestion question);
}

/// <summary>What a client wants to be connected to.</summary>
public sealed record ConnectQuestion
{
    /// <summary>The object.</summary>
    public required ApiObject Object { get; init; }

    /// <summary>The object of the same name and namespace in <see cref="Subresource.Beside"/>; null if there is none.</summary>
    public ApiObject? Beside { get; init; }

    /// <summary>For Connect: the client's query parameters, in order, repeated names kept.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Query { get; init; } = [];

    /// <summary>For Proxy: http or https, as in <c>SCHEME:NAME:PORT</c>; empty if not said.</summary>
    public string Scheme { get; init; } = "";

    /// <summary>For Proxy: a port's number or name, as in <c>NAME:PORT</c>; empty if not said.</summary>
    public string Port { get; init; } = "";
}

/// <summary>What to ask a node's endpoint, or a server at an address.</summary>
/// <param name="Node">The node; empty if there is an address.</param>
/// <param name="Path">The path, escaped, in the form of a kubelet's API: <c>/containerLogs/ns/pod/container</c>, <c>/exec/ns/pod/container</c>,
/// <c>/portForward/ns/pod</c>.</param>
/// <param name="Query">The query string with its question mark, or empty.</param>
public sealed record NodeRequest(string Node, string Path, string Query)
{
    /// <summary>For Proxy: the server to ask instead of a node, as <c>http://10.0.0.1:8080</c>; empty for the node.</summary>
    public string Address { get; init; } = "";
}

/// <summary>Renders a kind's own columns.</summary>
public interface ITableRenderer
{
    /// <summary>
    /// One cell per column, as JSON scalars. Called for every row of a list; never keeps the object.
    /// </summary>
    /// <param name="obj">The object.</param>
    /// <param name="now">The time ages are told from.</param>
    /// <param name="cells">Receives the cells, in the columns' order.</param>
    void Render(System.Text.Json.JsonElement obj, DateTimeOffset now, IList<JsonNode?> cells);
}
