using System.Globalization;
using System.Text.Json.Nodes;
using Modular.Abstractions;
using Modular.ApiMachinery;
using Modular.Models;

namespace Modular.Toolkit;

/// <summary>Builds changes of an object's status that leave alone what others write.</summary>
public static class StatusPatch
{
    /// <summary>Sends a status as a strategic merge patch: lists of conditions are merged by their type.</summary>
    public static ValueTask<ApiObject> SendAsync(IApiClient api, ResourceName name, JsonObject status, CancellationToken cancellationToken) =>
        api.PatchAsync(name, PatchType.Strategic, new JsonObject { ["status"] = status }, "status", cancellationToken);

    /// <summary>Like <see cref="SendAsync"/>, but only onto the version of the object that the decision was made on.</summary>
    /// <exception cref="ApiException">Conflict: the object changed meanwhile.</exception>
    public static ValueTask<ApiObject> SendIfUnchangedAsync(
        IApiClient api, GroupVersionResource resource, ApiObject decidedOn, JsonObject status, CancellationToken cancellationToken)
    {
        var meta = decidedOn.Metadata;
        var patch = new JsonObject
        {
            ["metadata"] = new JsonObject { ["resourceVersion"] = decidedOn.Revision.ToString(CultureInfo.InvariantCulture) },
            ["status"] = status,
        };
        return api.PatchAsync(new ResourceName(resource, meta.Namespace, meta.Name), PatchType.Strategic, patch, "status", cancellationToken);
    }

    /// <summary>
    /// A condition as JSON, or null if the object says the same already. The time of transition is kept while the status stays.
    /// </summary>
    public static JsonObject? Condition(
        IReadOnlyList<Condition> present, string type, string status, string reason, string message, DateTimeOffset now)
    {
        var old = Models.Condition.Find(present, type);
        if (old is not null && old.Status == status && old.Reason == reason && old.Message == message)
        {
            return null;
        }

        var since = old is not null && old.Status == status && old.LastTransitionTime is { } kept ? kept : now;
        return new JsonObject
        {
            ["type"] = type,
            ["status"] = status,
            ["reason"] = reason,
            ["message"] = message,
            ["lastTransitionTime"] = Timestamp(since),
        };
    }

    /// <summary>A time as the API writes it, to the second.</summary>
    public static string Timestamp(DateTimeOffset at) =>
        at.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);

    /// <summary>A time as the API writes it, to the microsecond; leases have such.</summary>
    public static string MicroTimestamp(DateTimeOffset at) =>
        at.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.ffffffZ", CultureInfo.InvariantCulture);
}
