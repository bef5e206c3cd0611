using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Strategies;

/// <summary>namespaces/finalize: the one way to change what holds a namespace's deletion.</summary>
internal sealed class NamespaceFinalizeAction : ISubresourceAction
{
    private static readonly GroupVersionKind Kind = new("", "v1", "Namespace");

    private NamespaceFinalizeAction()
    {
    }

    public static NamespaceFinalizeAction Instance { get; } = new();

    public ValueTask<ActionAnswer> ApplyAsync(StrategyContext context, JsonObject request, JsonObject obj, CancellationToken cancellationToken)
    {
        DemandSameVersion(context, request, obj);
        var errors = new FieldErrors();
        NamespaceFinalizerRules.Validate(request, errors);
        if (errors.Any)
        {
            throw new ApiException(errors.ToStatus(Kind, context.Name));
        }

        if (request.GetArray("spec.finalizers") is { Count: > 0 } finalizers)
        {
            obj.Set("spec.finalizers", finalizers.DeepClone());
        }
        else
        {
            obj.RemovePath("spec.finalizers");
        }

        return new(new ActionAnswer { Body = (JsonObject)obj.DeepClone() });
    }

    private static void DemandSameVersion(StrategyContext context, JsonObject request, JsonObject obj)
    {
        if (request.GetString("metadata.resourceVersion") is { Length: > 0 } version
            && obj.GetString("metadata.resourceVersion") is { } current
            && version != current)
        {
            throw new ApiException(new ApiStatus(
                StatusReason.Conflict,
                $"Operation cannot be fulfilled on namespaces \"{context.Name}\": the object has been modified; " +
                "please apply your changes to the latest version and try again")
            {
                Kind = "namespaces",
                Name = context.Name,
            });
        }
    }
}
