using System.Text.Json.Nodes;
using Grpc.Core;
using Modular.Abstractions;
using Modular.ApiMachinery;
using Protocol = Modular.PluginProcess.Protocol;

namespace Modular.PluginProcess.Contracts;

/// <summary>
/// Admission in another process. What it cares about is asked once, in front of the first write of its sort, since <see cref="Handles"/> can't wait.
/// While the process is not there, what it cares about is refused.
/// </summary>
internal sealed class RemoteAdmission(RemotePlugin plugin) : IAdmission
{
    private readonly Protocol.Admission.AdmissionClient _client = new(plugin.Channel);
    private volatile AdmissionInterest _interest = new(plugin.Generation());

    /// <summary>True also if that is not known yet.</summary>
    public bool Handles(GroupVersionResource resource, string subresource, AdmissionOperation operation) =>
        CurrentInterest().Find(resource, subresource, operation) ?? true;

    public async ValueTask MutateAsync(AdmissionRequest request, CancellationToken cancellationToken)
    {
        if (!await CaresAsync(request, cancellationToken).ConfigureAwait(false))
        {
            return;
        }

        var reply = await AskAsync(_client.MutateAsync, SecurityMessages.ToMessage(request), cancellationToken).ConfigureAwait(false);
        ThrowIf(reply.Refusal);
        if (!reply.Object.IsEmpty)
        {
            Replace(request.Object ?? throw plugin.Wrong("changed an object where there is none"), Read(reply.Object));
        }
    }

    public async ValueTask ValidateAsync(AdmissionRequest request, CancellationToken cancellationToken)
    {
        if (await CaresAsync(request, cancellationToken).ConfigureAwait(false))
        {
            ThrowIf((await AskAsync(_client.ValidateAsync, SecurityMessages.ToMessage(request), cancellationToken).ConfigureAwait(false)).Refusal);
        }
    }

    private async ValueTask<bool> CaresAsync(AdmissionRequest request, CancellationToken cancellationToken)
    {
        var interest = CurrentInterest();
        if (interest.Find(request.Resource, request.Subresource, request.Operation) is { } known)
        {
            return known;
        }

        var question = SecurityMessages.ToQuestion(request);
        var handles = (await AskAsync(_client.HandlesAsync, question, cancellationToken).ConfigureAwait(false)).Handles;
        interest.Keep(request.Resource, request.Subresource, request.Operation, handles);
        return handles;
    }

    private AdmissionInterest CurrentInterest()
    {
        var generation = plugin.Generation();
        return _interest is { } interest && interest.Generation == generation ? interest : _interest = new AdmissionInterest(generation);
    }

    /// <exception cref="ApiException">The process is not there: ServiceUnavailable.</exception>
    /// <exception cref="PluginProcessException">The plugin failed.</exception>
    private async ValueTask<TReply> AskAsync<TRequest, TReply>(
        Func<TRequest, CallOptions, AsyncUnaryCall<TReply>> call, TRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return await plugin.CallAsync(call, request, cancellationToken).ConfigureAwait(false);
        }
        catch (PluginProcessException e) when (e.InnerException is not RpcException { StatusCode: StatusCode.Unknown })
        {
            throw new ApiException(
                new ApiStatus(StatusReason.ServiceUnavailable, $"admission plugin {plugin.Self.Name} can't be asked, so nothing is written: {e.Message}") { RetryAfterSeconds = 1 }, e);
        }
    }

    private void ThrowIf(Google.Protobuf.ByteString refusal)
    {
        if (!refusal.IsEmpty)
        {
            throw new ApiException(ApiStatus.FromJson(Read(refusal)));
        }
    }

    private JsonObject Read(Google.Protobuf.ByteString json)
    {
        try
        {
            return JsonDecoder.DecodeObject(json.Span, out _);
        }
        catch (ApiException e)
        {
            throw plugin.Wrong($"answered what is no JSON object: {e.Message}");
        }
    }

    /// <summary>Gives the object that is on its way other fields.</summary>
    private static void Replace(JsonObject target, JsonObject changed)
    {
        target.Clear();
        foreach (var (name, value) in changed.ToArray())
        {
            changed.Remove(name);
            target[name] = value;
        }
    }
}
