using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Strategies;

/// <summary>Ingress classes: who carries ingresses out.</summary>
internal sealed class IngressClassStrategy : IResourceStrategy
{
    private const int LongestController = 250;

    private IngressClassStrategy()
    {
    }

    public static IngressClassStrategy Instance { get; } = new();

    public void Default(JsonObject obj)
    {
        if (obj.GetObject("spec.parameters") is { } parameters)
        {
            parameters["scope"] ??= "Cluster";
        }
    }

    public void Validate(StrategyContext context, JsonObject obj, JsonObject? old, FieldErrors errors)
    {
        var controller = obj.GetString("spec.controller") ?? "";
        if (controller.Length == 0)
        {
            errors.Required("spec.controller");
        }
        else if (controller.Length > LongestController)
        {
            errors.TooLong("spec.controller", LongestController);
        }
        else if (!controller.Contains('/', StringComparison.Ordinal))
        {
            errors.Invalid("spec.controller", controller, "must be a domain-prefixed path (such as \"acme.io/foo\")");
        }

        if (obj.GetObject("spec.parameters") is not { } parameters)
        {
            return;
        }

        var hasNamespace = parameters.GetString("namespace") is { Length: > 0 };
        if (parameters.GetString("scope") == "Namespace" && !hasNamespace)
        {
            errors.Required("spec.parameters.namespace", "`parameters.scope` is set to 'Namespace'");
        }
        else if (parameters.GetString("scope") == "Cluster" && hasNamespace)
        {
            errors.Forbidden("spec.parameters.namespace", "`parameters.scope` is set to 'Cluster'");
        }
    }
}
