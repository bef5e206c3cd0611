using System.Text.Json.Nodes;

namespace Modular.Kernel;

/// <summary>Reads the body of a write in a version that is not the stored one.</summary>
internal static class ServedBody
{
    /// <summary>The stored object that the body states, options that trust it, and warnings about it.</summary>
    /// <exception cref="ApiException">BadRequest: it is no object of the version, or has fields that it must not have.</exception>
    public static async ValueTask<(RequestBody Body, WriteOptions Options, IReadOnlyList<string> Warnings)> ReadAsync(
        RequestTarget target, ServedVersion version, RequestBody body, WriteOptions options, CancellationToken cancellationToken)
    {
        var obj = ObjectDecoder.Open(body.Node, version.Definition.Kind, target.Request.Namespace);
        var warnings = await ToStoredAsync(version, obj, body, options, cancellationToken).ConfigureAwait(false);
        return (new RequestBody(obj, []), options.Trusting(), warnings);
    }

    /// <summary>Turns an object of the version into a stored one, in place.</summary>
    /// <returns>Warnings about it.</returns>
    public static async ValueTask<IReadOnlyList<string>> ToStoredAsync(
        ServedVersion version, JsonObject obj, RequestBody body, WriteOptions options, CancellationToken cancellationToken)
    {
        var warnings = ObjectDecoder.Decode(obj, version.Definition.Schema, version.Definition.Kind, body, options);
        await version.ToStoredAsync(obj, cancellationToken).ConfigureAwait(false);
        return warnings;
    }
}
