using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Strategies;

/// <summary>Namespaces stay, once they are to be deleted, until whoever clears them of their content has taken the last finalizer away.</summary>
internal sealed class NamespaceStrategy : IResourceStrategy
{
    private const string NameLabel = "kubernetes.io/metadata.name";
    private const string ContentFinalizer = "kubernetes";

    private NamespaceStrategy()
    {
    }

    public static NamespaceStrategy Instance { get; } = new();

    public void Default(JsonObject obj)
    {
        // A name to be generated is not known yet; PrepareForCreate has it.
        if (obj.GetString("metadata.name") is { Length: > 0 } name)
        {
            obj.GetOrAddObject("metadata.labels")[NameLabel] = name;
        }
    }

    public ValueTask PrepareForCreateAsync(StrategyContext context, JsonObject obj, CancellationToken cancellationToken)
    {
        Default(obj);
        obj["status"] = new JsonObject { ["phase"] = "Active" };
        var finalizers = obj.GetArray("spec.finalizers") ?? [];
        if (!finalizers.Any(finalizer => finalizer.AsString() == ContentFinalizer))
        {
            obj.Set("spec.finalizers", new JsonArray([.. finalizers.Select(f => f?.DeepClone()), JsonValue.Create(ContentFinalizer)]));
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask PrepareForUpdateAsync(
        StrategyContext context, JsonObject obj, JsonObject old, CancellationToken cancellationToken)
    {
        if (old.GetArray("spec.finalizers") is { } finalizers)
        {
            obj.Set("spec.finalizers", finalizers.DeepClone());
        }
        else
        {
            obj.RemovePath("spec.finalizers");
        }

        return ValueTask.CompletedTask;
    }

    public void Validate(StrategyContext context, JsonObject obj, JsonObject? old, FieldErrors errors) =>
        NamespaceFinalizerRules.Validate(obj, errors);

    public void BeginDeletion(StrategyContext context, JsonObject obj) => obj.Set("status.phase", "Terminating");

    public bool HoldsDeletion(JsonObject obj) => obj.GetArray("spec.finalizers") is { Count: > 0 };
}
