using System.Text.Json.Nodes;

namespace Modular.Kernel;

/// <summary>A version of a kind that clients speak and that is stored as another: what they send becomes stored objects, what they get was made of them.</summary>
/// <param name="served">The version that is spoken.</param>
/// <param name="stored">The one that is stored.</param>
internal sealed class ServedVersion(ResourceDefinition served, ResourceDefinition stored)
{
    public ResourceDefinition Definition => served;

    /// <summary>The object of the served kind that a stored one is.</summary>
    public async ValueTask<ApiObject> ServeAsync(ApiObject obj, CancellationToken cancellationToken) =>
        (await ServeAsync([obj], cancellationToken).ConfigureAwait(false))[0];

    /// <summary>The objects of the served kind that stored ones are, in their order.</summary>
    public async ValueTask<IReadOnlyList<ApiObject>> ServeAsync(IReadOnlyList<ApiObject> objects, CancellationToken cancellationToken)
    {
        var documents = new JsonObject[objects.Count];
        for (var i = 0; i < documents.Length; i++)
        {
            documents[i] = objects[i].ToJsonObject();
        }

        await FromStoredAsync(documents, cancellationToken).ConfigureAwait(false);
        var converted = new ApiObject[documents.Length];
        for (var i = 0; i < converted.Length; i++)
        {
            converted[i] = new ApiObject(served.Kind, ObjectEncoding.Encode(documents[i]), objects[i].Revision);
        }

        return converted;
    }

    /// <summary>What a write made, for whoever asked in the served version.</summary>
    /// <param name="result">What was stored.</param>
    /// <param name="warnings">What was said of the body already.</param>
    /// <param name="cancellationToken">Ends the conversion.</param>
    public async ValueTask<WriteResult> ServeAsync(WriteResult result, IReadOnlyList<string> warnings, CancellationToken cancellationToken) => result with
    {
        Object = result.Object is { } obj ? await ServeAsync(obj, cancellationToken).ConfigureAwait(false) : null,
        Warnings = ObjectCreator.Join(warnings, result.Warnings),
    };

    /// <summary>Turns a stored object into one of the served kind, in place.</summary>
    public ValueTask FromStoredAsync(JsonObject obj, CancellationToken cancellationToken) => FromStoredAsync([obj], cancellationToken);

    /// <summary>Turns an object of the served kind into a stored one, in place.</summary>
    public async ValueTask ToStoredAsync(JsonObject obj, CancellationToken cancellationToken)
    {
        await served.Rules.ConvertAsync(served, ConversionDirection.ToStored, [obj], cancellationToken).ConfigureAwait(false);
        State(obj, stored.Kind);
    }

    private async ValueTask FromStoredAsync(IReadOnlyList<JsonObject> objects, CancellationToken cancellationToken)
    {
        await served.Rules.ConvertAsync(served, ConversionDirection.FromStored, objects, cancellationToken).ConfigureAwait(false);
        foreach (var obj in objects)
        {
            State(obj, served.Kind);
        }
    }

    private static void State(JsonObject obj, GroupVersionKind kind)
    {
        obj["apiVersion"] = kind.ApiVersion;
        obj["kind"] = kind.Kind;
    }
}
