using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Strategies;

/// <summary>A kind with a status that others write: a new object has none, or the one that each begins with.</summary>
internal abstract class ObservedStrategy : IResourceStrategy
{
    public virtual void Default(JsonObject obj)
    {
    }

    public ValueTask PrepareForCreateAsync(StrategyContext context, JsonObject obj, CancellationToken cancellationToken)
    {
        obj["status"] = FirstStatus;
        Begin(context, obj);
        return ValueTask.CompletedTask;
    }

    public void Validate(StrategyContext context, JsonObject obj, JsonObject? old, FieldErrors errors)
    {
        if (context.Subresource != "status" && obj.GetObject("spec") is { } spec)
        {
            Validate(spec, old?.GetObject("spec"), errors);
        }
    }

    /// <summary>What the status of a new object is.</summary>
    protected virtual JsonObject FirstStatus => [];

    /// <summary>Fills what a client may not choose.</summary>
    protected virtual void Begin(StrategyContext context, JsonObject obj)
    {
    }

    /// <summary>Says what is wrong with a spec. On create <paramref name="old"/> is null.</summary>
    protected virtual void Validate(JsonObject spec, JsonObject? old, FieldErrors errors)
    {
    }
}
