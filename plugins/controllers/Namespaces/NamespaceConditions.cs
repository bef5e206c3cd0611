using System.Text.Json.Nodes;
using Modular.Models;
using Modular.Toolkit;

namespace Modular.Plugins.Controllers.Namespaces;

/// <summary>The conditions that say how the deletion of a namespace goes.</summary>
internal static class NamespaceConditions
{
    /// <summary>The conditions that changed.</summary>
    public static JsonArray Changed(IReadOnlyList<Condition> present, NamespaceRemains remains, DateTimeOffset now)
    {
        var changed = new JsonArray();
        Put("NamespaceDeletionDiscoveryFailure", false, "ResourcesDiscovered", "All resources successfully discovered");
        Put("NamespaceDeletionGroupVersionParsingFailure", false, "ParsedGroupVersions", "All legacy kube types successfully parsed");
        if (remains.Failures.Count > 0)
        {
            Put("NamespaceDeletionContentFailure", true, "ContentDeletionFailed",
                $"Failed to delete all resource types, {remains.Failures.Count} remaining: {string.Join(", ", remains.Failures)}");
        }
        else if (remains.WaitsForPods && remains.AnyFinalizers)
        {
            Put("NamespaceDeletionContentFailure", true, "ContentDeletionFailed",
                "Failed to delete all resource types, 1 remaining: other content waits until the pods are gone");
        }
        else
        {
            Put("NamespaceDeletionContentFailure", false, "ContentDeleted", "All content successfully deleted, may be waiting on finalization");
        }

        if (remains.Any)
        {
            Put("NamespaceContentRemaining", true, "SomeResourcesRemain", remains.DescribeResources());
        }
        else
        {
            Put("NamespaceContentRemaining", false, "ContentRemoved", "All content successfully removed");
        }

        if (remains.AnyFinalizers)
        {
            Put("NamespaceFinalizersRemaining", true, "SomeFinalizersRemain", remains.DescribeFinalizers());
        }
        else
        {
            Put("NamespaceFinalizersRemaining", false, "ContentHasNoFinalizers", "All content-preserving finalizers finished");
        }

        return changed;

        void Put(string type, bool value, string reason, string message)
        {
            if (StatusPatch.Condition(present, type, value ? "True" : "False", reason, message, now) is { } condition)
            {
                changed.Add((JsonNode)condition);
            }
        }
    }
}
