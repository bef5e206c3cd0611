namespace Modular.Plugins.AdmissionKubernetes;

/// <summary>Several admissions as one, asked in order.</summary>
internal sealed class AdmissionSequence(IReadOnlyList<IAdmission> admissions) : IAdmission
{
    public bool Handles(GroupVersionResource resource, string subresource, AdmissionOperation operation)
    {
        for (var i = 0; i < admissions.Count; i++)
        {
            if (admissions[i].Handles(resource, subresource, operation))
            {
                return true;
            }
        }

        return false;
    }

    public async ValueTask MutateAsync(AdmissionRequest request, CancellationToken cancellationToken)
    {
        for (var i = 0; i < admissions.Count; i++)
        {
            if (admissions[i].Handles(request.Resource, request.Subresource, request.Operation))
            {
                await admissions[i].MutateAsync(request, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    public async ValueTask ValidateAsync(AdmissionRequest request, CancellationToken cancellationToken)
    {
        for (var i = 0; i < admissions.Count; i++)
        {
            if (admissions[i].Handles(request.Resource, request.Subresource, request.Operation))
            {
                await admissions[i].ValidateAsync(request, cancellationToken).ConfigureAwait(false);
            }
        }
    }
}
