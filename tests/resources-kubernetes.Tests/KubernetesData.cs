using System.Text.Json;

namespace Modular.Plugins.ResourcesKubernetes.Tests;

/// <summary>The facts about Kubernetes' API beside the repository. Tests that need them are skipped where there are none.</summary>
internal static class KubernetesData
{
    /// <summary>The folder of the facts; skips the test if there is none.</summary>
    public static string Demand()
    {
        Assert.SkipWhen(Find() is null, "the facts about Kubernetes are not beside the repository");
        return Find()!;
    }

    /// <summary>The folder of the facts; null if there is none.</summary>
    public static string? Find()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            var directory = Path.Combine(at.FullName, "shared", "data", "kubernetes-1.36");
            if (File.Exists(Path.Combine(directory, "facts.json")))
            {
                return directory;
            }
        }

        return null;
    }

    public static JsonDocument Facts() => JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Demand(), "facts.json")));
}
