using System.Text.Json.Nodes;
using Google.Protobuf;
using Modular.Abstractions;
using Modular.ApiMachinery;

namespace Modular.PluginProcess.Contracts;

/// <summary>Objects as another process answers them, which may change only what is the rules' to change.</summary>
internal sealed class RuledObject(RemotePlugin plugin)
{
    private const int MostBytes = 8 * 1024 * 1024;

    private static readonly string[] Identity = ["name", "namespace", "uid", "creationTimestamp", "resourceVersion", "generation"];
    private static readonly string[] Deletion = ["deletionTimestamp", "deletionGracePeriodSeconds"];

    /// <exception cref="ApiException">The refusal.</exception>
    public void ThrowIf(ByteString refusal)
    {
        if (!refusal.IsEmpty)
        {
            throw new ApiException(ApiStatus.FromJson(Read(refusal)));
        }
    }

    /// <summary>Gives an object the fields that were answered, if any were.</summary>
    /// <param name="obj">The object.</param>
    /// <param name="answer">JSON, or empty.</param>
    /// <param name="mayBeginDeletion">Whether the answer may mark it as being deleted.</param>
    /// <exception cref="ApiException">The answer is another object.</exception>
    public void Change(JsonObject obj, ByteString answer, bool mayBeginDeletion)
    {
        if (answer.IsEmpty)
        {
            return;
        }

        var changed = Read(answer);
        DemandSame(obj, changed, "apiVersion", "");
        DemandSame(obj, changed, "kind", "");
        var (before, after) = (obj["metadata"] as JsonObject ?? [], changed["metadata"] as JsonObject ?? throw Wrong("took away metadata"));
        foreach (var field in mayBeginDeletion ? Identity : [.. Identity, .. Deletion])
        {
            DemandSame(before, after, field, "metadata.");
        }

        obj.Clear();
        foreach (var (name, value) in changed.ToArray())
        {
            changed.Remove(name);
            obj[name] = value;
        }
    }

    /// <summary>What an action answers the client.</summary>
    public JsonObject ReadAnswer(ByteString json)
    {
        var answer = Read(json);
        // It gets what its own kind says of it where it is sent.
        return answer["apiVersion"].AsString() is null || answer["kind"].AsString() is null ? throw Wrong("answered a client what is no object of the API") : answer;
    }

    /// <exception cref="ApiException">A field is of another type than the kind's schema says.</exception>
    public void DemandTypes(JsonObject obj, ResourceDefinition definition)
    {
        try
        {
            SchemaDecoder.CheckTypes(obj, definition.Schema, definition.Kind);
        }
        catch (ApiException e)
        {
            throw Wrong($"answered an object of wrong types: {e.Message}");
        }
    }

    /// <summary>What a client is told of an answer that is none.</summary>
    public ApiException Wrong(string what) =>
        new(new ApiStatus(StatusReason.InternalError, $"resource plugin {plugin.Self.Name} failed, so nothing is done: {plugin.Wrong(what).Message}"));

    private void DemandSame(JsonObject before, JsonObject after, string field, string path)
    {
        if (!JsonNode.DeepEquals(before[field], after[field]))
        {
            throw Wrong($"changed {path}{field}, which is not a rule's to change");
        }
    }

    /// <summary>An object that was answered.</summary>
    /// <exception cref="ApiException">It is none.</exception>
    public JsonObject Read(ByteString json)
    {
        if (json.Length > MostBytes)
        {
            throw Wrong($"answered an object of {json.Length} bytes, which is more than {MostBytes}");
        }

        try
        {
            return JsonDecoder.DecodeObject(json.Span, out _);
        }
        catch (ApiException e)
        {
            throw Wrong($"answered what is no JSON object: {e.Message}");
        }
    }
}
