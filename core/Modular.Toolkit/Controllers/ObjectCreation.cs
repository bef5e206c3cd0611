using System.Text.Json.Nodes;
using Modular.Abstractions;
using Modular.ApiMachinery;

namespace Modular.Toolkit;

/// <summary>Creates the objects that a controller keeps.</summary>
public static class ObjectCreation
{
    /// <summary>Creates an object. One of its name that is there already, though the controller's informers do not show it yet, stays as it is.</summary>
    /// <exception cref="ApiException">It is refused for any other reason.</exception>
    public static async ValueTask CreateIfAbsentAsync(
        this IApiClient api, GroupVersionResource resource, string ns, JsonObject obj, CancellationToken cancellationToken)
    {
        try
        {
            await api.CreateAsync(resource, ns, obj, cancellationToken).ConfigureAwait(false);
        }
        catch (ApiException error) when (error.Reason == StatusReason.AlreadyExists)
        {
            // The event that tells of it is on its way, and wakes the controller.
        }
    }
}
