namespace Modular.Plugins.AdmissionKubernetes;

/// <summary>How a write is refused.</summary>
internal static class Refusal
{
    /// <summary>403, in Kubernetes' words: whose creation is refused, and why.</summary>
    public static ApiException Of(AdmissionRequest request, string why)
    {
        var resource = request.Resource.Group.Length == 0 ? request.Resource.Resource : $"{request.Resource.Resource}.{request.Resource.Group}";
        return new ApiException(new ApiStatus(StatusReason.Forbidden, $"{resource} \"{request.Name}\" is forbidden: {why}")
        {
            Kind = request.Resource.Resource,
            Group = request.Resource.Group,
            Name = request.Name,
        });
    }

    /// <summary>403 for several reasons, listed as Kubernetes lists them.</summary>
    public static ApiException Of(AdmissionRequest request, IReadOnlyList<string> reasons) =>
        Of(request, reasons.Count == 1 ? reasons[0] : $"[{string.Join(", ", reasons)}]");
}
