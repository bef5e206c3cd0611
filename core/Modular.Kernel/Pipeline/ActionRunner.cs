using System.Text.Json.Nodes;

namespace Modular.Kernel;

/// <summary>Carries out subresources whose requests are of another kind and become a change of the object, such as a binding, or its end.</summary>
internal sealed class ActionRunner(
    ObjectStorage storage, ObjectUpdater updater, ObjectDeleter deleter, ContractHandle<IAdmission> admission, KernelSettings settings)
{
    public async ValueTask<WriteResult> RunAsync(
        RequestTarget target, RequestBody body, WriteOptions options, CancellationToken cancellationToken)
    {
        var subresource = target.Subresource!;
        var request = ObjectDecoder.Open(body.Node, subresource.Kind, target.Request.Namespace);
        ObjectDecoder.AgreeName(request, target.Name);
        var warnings = subresource.Schema is { } schema
            ? ObjectDecoder.Decode(request, schema, subresource.Kind, body, options)
            : [];

        using var chain = AdmissionChain.Open(admission, target.Request, AdmissionOperation.Create);
        var admitted = AdmissionChain.Describe(target, AdmissionOperation.Create, request, null, target.Name, options.DryRun);
        await chain.MutateAsync(admitted, cancellationToken).ConfigureAwait(false);
        await chain.ValidateAsync(admitted, cancellationToken).ConfigureAwait(false);
        while (true)
        {
            var current = await storage.GetAsync(target, cancellationToken).ConfigureAwait(false);
            var (obj, old) = (current.ToUnmanagedJsonObject(), current.ToUnmanagedJsonObject());
            var ruling = await target.Definition.Rules.ApplyAsync(
                target.Definition, subresource, target.Context(settings, options.DryRun), request, obj, cancellationToken).ConfigureAwait(false);
            if (ruling.Answer.Deletion is { } deletion)
            {
                await deleter.DeleteAsync(target, deletion, options.DryRun, cancellationToken).ConfigureAwait(false);
                return new WriteResult { Object = ToObject(ruling.Answer.Body, subresource, current), Created = ruling.Answer.Body is null, Warnings = warnings };
            }

            // As in Kubernetes an action's changes are nobody's.
            var owners = ManagedFields.Read(current.ManagedFields);
            if (await updater.StoreAsync(target, current, obj, old, owners, ruling.HoldsDeletion, options.DryRun, cancellationToken).ConfigureAwait(false) is { } stored)
            {
                return new WriteResult { Object = ToObject(ruling.Answer.Body, subresource, stored), Created = ruling.Answer.Body is null, Warnings = warnings };
            }
        }
    }

    private static ApiObject? ToObject(JsonObject? answer, Subresource subresource, ApiObject stored)
    {
        if (answer is null)
        {
            return null;
        }

        ObjectDecoder.Metadata(answer);
        return new ApiObject(subresource.Kind, ObjectEncoding.Encode(answer), stored.Revision);
    }
}
