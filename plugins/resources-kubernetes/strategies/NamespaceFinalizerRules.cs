using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Strategies;

/// <summary>What a finalizer of a namespace's content may be called.</summary>
internal static class NamespaceFinalizerRules
{
    public static void Validate(JsonObject obj, FieldErrors errors)
    {
        foreach (var finalizer in obj.Strings("spec.finalizers"))
        {
            errors.InvalidAll("spec.finalizers", finalizer, NameRules.QualifiedName(finalizer));
            if (!finalizer.Contains('/', StringComparison.Ordinal) && finalizer != "kubernetes")
            {
                errors.Invalid("spec.finalizers", finalizer, "name is neither a standard finalizer name nor is it fully qualified");
            }
        }
    }
}
