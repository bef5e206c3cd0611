using System.Text.Json.Nodes;
using Modular.Plugins.ResourcesKubernetes.Schemas;

namespace Modular.Plugins.ResourcesKubernetes.Tests;

/// <summary>The table as the plugin carries it, and what the plugin makes of it.</summary>
internal static class TableFixture
{
    public static SchemaTable Schemas() => new(KubernetesResources.Text("types.txt"), KubernetesResources.Text("overlay.txt"), KubernetesResources.Text("presence.txt"));

    public static async Task<IReadOnlyList<ResourceDefinition>> ResourcesAsync() =>
        await new KubernetesResources(StrategiesFixture.Allocator, StrategiesFixture.Budgets).GetResourcesAsync(TestContext.Current.CancellationToken);

    public static async Task<ResourceDefinition> ResourceAsync(string apiVersion, string kind) =>
        (await ResourcesAsync()).Single(r => r.Kind.ApiVersion == apiVersion && r.Kind.Kind == kind);

    /// <summary>What the API server makes of a manifest before admission: decoded, pruned, normalised, defaults filled.</summary>
    public static async Task<JsonObject> DecodeAsync(string json)
    {
        var obj = StrategiesFixture.Read(json);
        var resource = await ResourceAsync(obj["apiVersion"].AsString()!, obj["kind"].AsString()!);
        SchemaDecoder.Decode(obj, resource.Schema, resource.Kind, unknown: null);
        resource.Strategy.Default(obj);
        return obj;
    }

    /// <summary>What the schema has against an object, one text per wrong field.</summary>
    public static async Task<List<string>> ErrorsAsync(JsonObject obj)
    {
        var resource = await ResourceAsync(obj["apiVersion"].AsString()!, obj["kind"].AsString()!);
        var errors = new FieldErrors();
        SchemaValidator.Validate(obj, old: null, resource.Schema, errors);
        return [.. errors.Causes.Select(cause => $"{cause.Field}: {cause.Message}")];
    }
}
