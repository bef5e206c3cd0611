using System.Globalization;
using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Toolkit;

/// <summary>Reads objects, lists and failures out of answers.</summary>
internal static class RemoteObjects
{
    /// <summary>An object as all the rest of the program knows it.</summary>
    /// <param name="obj">What was received.</param>
    /// <param name="kind">The kind of the list it stood in, since the objects of a list may leave theirs out.</param>
    public static ApiObject Read(JsonObject obj, GroupVersionKind? kind = null)
    {
        if (kind is not null)
        {
            obj.TryAdd("apiVersion", kind.ApiVersion);
            obj.TryAdd("kind", kind.Kind);
        }

        return new ApiObject(KindOf(obj), ObjectEncoding.Encode(obj), RevisionOf(obj));
    }

    public static GroupVersionKind KindOf(JsonObject obj) => GroupVersionKind.From(obj.GetString("apiVersion") ?? "", obj.GetString("kind") ?? "");

    public static long RevisionOf(JsonObject obj) =>
        long.TryParse(obj.GetString("metadata.resourceVersion"), CultureInfo.InvariantCulture, out var revision) ? revision : 0;

    /// <summary>The failure that a server told; one of its own making where the answer is no Status.</summary>
    public static ApiException Failure(int code, ReadOnlySpan<byte> body)
    {
        try
        {
            if (JsonDecoder.DecodeObject(body, out _) is var answer && answer.GetString("kind") == "Status")
            {
                return new ApiException(ApiStatus.FromJson(answer));
            }
        }
        catch (ApiException)
        {
            // Something between here and there answered, in another language.
        }

        return new ApiException(new ApiStatus(ApiStatus.ReasonOf(code), $"the API answered {code} without saying why") { Code = code });
    }
}
