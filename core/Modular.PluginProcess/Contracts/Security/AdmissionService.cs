using System.Text.Json.Nodes;
using Grpc.Core;
using Modular.Abstractions;
using Modular.ApiMachinery;
using Protocol = Modular.PluginProcess.Protocol;

namespace Modular.PluginProcess.Contracts;

/// <summary>Answers for the admission that is provided.</summary>
internal sealed class AdmissionService(IContractSource contracts) : Protocol.Admission.AdmissionBase
{
    public override Task<Protocol.HandlesReply> Handles(Protocol.HandlesRequest request, ServerCallContext context) => Task.FromResult(new Protocol.HandlesReply
    {
        Handles = Admission.Handles(SecurityMessages.FromMessage(request.Resource), request.Subresource, (AdmissionOperation)request.Operation),
    });

    public override async Task<Protocol.MutateReply> Mutate(Protocol.AdmissionRequest request, ServerCallContext context)
    {
        var write = SecurityMessages.FromMessage(request);
        var before = write.Object?.DeepClone();
        try
        {
            await Admission.MutateAsync(write, context.CancellationToken);
        }
        catch (ApiException refusal)
        {
            return new() { Refusal = SecurityMessages.ToMessage(refusal.Status) };
        }

        return JsonNode.DeepEquals(before, write.Object) ? new() : new() { Object = SecurityMessages.ToMessage(write.Object) };
    }

    public override async Task<Protocol.ValidateReply> Validate(Protocol.AdmissionRequest request, ServerCallContext context)
    {
        try
        {
            await Admission.ValidateAsync(SecurityMessages.FromMessage(request), context.CancellationToken);
            return new();
        }
        catch (ApiException refusal)
        {
            return new() { Refusal = SecurityMessages.ToMessage(refusal.Status) };
        }
    }

    private IAdmission Admission => contracts.Get<IAdmission>();
}
