using Modular.ApiMachinery;
using Modular.Models;

namespace Modular.Plugins.Controllers.ServiceEndpoints;

/// <summary>The labels that a service hands down to its endpoints.</summary>
internal static class ServiceLabels
{
    private const string Headless = "service.kubernetes.io/headless";

    /// <summary>The service's own, and one that tells clients that there is no virtual address.</summary>
    public static IReadOnlyDictionary<string, string> Of(ApiObject service) => service.AsService().Spec.ClusterIP == "None"
        ? new Dictionary<string, string>(service.Metadata.Labels, StringComparer.Ordinal) { [Headless] = "" }
        : service.Metadata.Labels;
}
