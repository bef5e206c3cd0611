namespace Modular.Plugins.AdmissionKubernetes.Pods;

/// <summary>At most one priority class is the default.</summary>
internal sealed class PriorityClassAdmission(KindView classes) : IAdmission
{
    public bool Handles(GroupVersionResource resource, string subresource, AdmissionOperation operation) =>
        operation is AdmissionOperation.Create or AdmissionOperation.Update && subresource.Length == 0 && resource == KubernetesResources.PriorityClasses;

    public async ValueTask ValidateAsync(AdmissionRequest request, CancellationToken cancellationToken)
    {
        if (request.Object is { } obj && PriorityClasses.IsDefault(obj)
            && PriorityClasses.Default(await classes.ListAsync("", cancellationToken).ConfigureAwait(false)) is { } other
            && other.Metadata.Name != request.Name)
        {
            throw Refusal.Of(request, $"PriorityClass {other.Metadata.Name} is already marked as default. Only one default can exist");
        }
    }
}
