using System.Text.Json.Nodes;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Modular.Abstractions;
using Modular.ApiMachinery;
using Protocol = Modular.PluginProcess.Protocol;

namespace Modular.PluginProcess.Contracts;

/// <summary>
/// The rules of a kind in another process: one call for a write, none where the kind has no rule that the write touches. While the process is not there,
/// what it has a say in is refused, and tables show that their cells are not known.
/// </summary>
/// <param name="plugin">The process.</param>
/// <param name="client">Leads to it.</param>
/// <param name="rules">What it has a say in.</param>
internal sealed class RemoteRules(RemotePlugin plugin, Protocol.ResourceSource.ResourceSourceClient client, IReadOnlySet<Protocol.KindRule> rules) : IResourceRules
{
    private const int EndAttempts = 3;

    private readonly RuledObject _objects = new(plugin);

    /// <summary>Whether a call failed because the process is not there, does not answer or is not provisioned yet, rather than by what it threw.</summary>
    public static bool IsAway(PluginProcessException error) => error.InnerException is not RpcException { StatusCode: StatusCode.Unknown };

    public async ValueTask<WriteRuling> WriteAsync(ResourceWrite write, CancellationToken cancellationToken)
    {
        var steps = Steps(write).ToList();
        var isDefaultedThere = steps is [Protocol.WriteStep.Default, ..];
        if (!isDefaultedThere && write.Steps.HasFlag(WriteSteps.Default))
        {
            write.Defaulted?.Invoke(write.Object);
        }

        if (steps.Count == 0)
        {
            return new WriteRuling { HasReserved = true };
        }

        var request = new Protocol.ResourceWrite
        {
            Resource = SecurityMessages.ToMessage(write.Definition.Resource),
            Context = ResourceMessages.ToMessage(write.Context),
            Object = SecurityMessages.ToMessage(write.Object),
            Old = SecurityMessages.ToMessage(write.Old),
            Steps = { steps },
            Reservation = steps.Contains(Protocol.WriteStep.Reserve) ? (ulong)Random.Shared.NextInt64(1, long.MaxValue) : 0,
        };
        // What was taken for an answer that nobody got is given back like any other.
        var reservation = request.Reservation > 0 ? new RemoteReservation(kept => _ = EndAsync(request.Reservation, kept)) : null;
        try
        {
            var reply = await AskAsync(client.WriteAsync, request, cancellationToken).ConfigureAwait(false);
            reservation = reply.HasTaken ? reservation : null;
            _objects.ThrowIf(reply.Refusal);
            _objects.Change(write.Object, reply.Object, mayBeginDeletion: false);
            if (isDefaultedThere)
            {
                write.Defaulted?.Invoke(reply.Defaulted.IsEmpty ? write.Object : _objects.Read(reply.Defaulted));
            }

            return new WriteRuling
            {
                Errors = [.. reply.Errors.Select(ResourceMessages.FromMessage)],
                Warnings = [.. reply.Warnings],
                HoldsDeletion = reply.HoldsDeletion,
                HasReserved = reply.HasReserved || !rules.Contains(Protocol.KindRule.Reserve),
                Reservation = reservation,
            };
        }
        catch
        {
            reservation?.Dispose();
            throw;
        }
    }

    public async ValueTask<DeletionRuling> DeleteAsync(
        ResourceDefinition definition, StrategyContext context, JsonObject obj, long? requestedGraceSeconds, CancellationToken cancellationToken)
    {
        var begins = !IsBeingDeleted(obj);
        if (!rules.Contains(Protocol.KindRule.Grace) && !rules.Contains(Protocol.KindRule.HoldDeletion) && !(begins && rules.Contains(Protocol.KindRule.BeginDeletion)))
        {
            return Begin(new DeletionRuling(0, false));
        }

        var request = new Protocol.DeleteObjectRequest
        {
            Resource = SecurityMessages.ToMessage(definition.Resource),
            Context = ResourceMessages.ToMessage(context),
            Object = SecurityMessages.ToMessage(obj),
        };
        if (requestedGraceSeconds is { } requested)
        {
            request.RequestedGraceSeconds = requested;
        }

        var reply = await AskAsync(client.DeleteAsync, request, cancellationToken).ConfigureAwait(false);
        _objects.ThrowIf(reply.Refusal);
        _objects.Change(obj, reply.Object, mayBeginDeletion: begins);
        return reply.GraceSeconds is >= 0 and <= int.MaxValue
            ? Begin(new DeletionRuling(reply.GraceSeconds, reply.HoldsDeletion))
            : throw _objects.Wrong($"gave {reply.GraceSeconds} s of grace");

        DeletionRuling Begin(DeletionRuling ruling)
        {
            if (begins)
            {
                DeletionRuling.Begin(obj, context.Now, ruling.GraceSeconds);
            }

            return ruling;
        }
    }

    public async ValueTask<ActionRuling> ApplyAsync(
        ResourceDefinition definition, Subresource action, StrategyContext context, JsonObject request, JsonObject obj, CancellationToken cancellationToken)
    {
        var reply = await AskAsync(
            client.ApplyAsync,
            new Protocol.ApplyRequest
            {
                Resource = SecurityMessages.ToMessage(definition.Resource),
                Context = ResourceMessages.ToMessage(context with { Subresource = action.Name }),
                Request = SecurityMessages.ToMessage(request),
                Object = SecurityMessages.ToMessage(obj),
            },
            cancellationToken).ConfigureAwait(false);
        _objects.ThrowIf(reply.Refusal);
        _objects.Change(obj, reply.Object, mayBeginDeletion: false);
        _objects.DemandTypes(obj, definition);
        var answer = new ActionAnswer
        {
            Body = reply.Answer.IsEmpty ? null : _objects.ReadAnswer(reply.Answer),
            Deletion = ResourceMessages.FromMessage(reply.Deletion),
        };
        return new ActionRuling(answer, reply.HoldsDeletion);
    }

    public async ValueTask<NodeRequest> ResolveAsync(
        ResourceDefinition definition, Subresource connect, ConnectQuestion question, CancellationToken cancellationToken)
    {
        var request = new Protocol.ResolveRequest
        {
            Resource = SecurityMessages.ToMessage(definition.Resource),
            Subresource = connect.Name,
            Object = UnsafeByteOperations.UnsafeWrap(question.Object.ToJson()),
            Beside = question.Beside is { } beside ? UnsafeByteOperations.UnsafeWrap(beside.ToJson()) : ByteString.Empty,
            Scheme = question.Scheme,
            Port = question.Port,
        };
        request.Query.AddRange(question.Query.Select(parameter => new Protocol.QueryParameter { Name = parameter.Key, Value = parameter.Value }));
        var reply = await AskAsync(client.ResolveAsync, request, cancellationToken).ConfigureAwait(false);
        _objects.ThrowIf(reply.Refusal);
        var known = connect.Type == SubresourceType.Proxy
            ? reply.Node.Length > 0 ^ reply.Address.Length > 0 && reply.Path.Length == 0 && reply.Query.Length == 0
            : reply.Node.Length > 0 && reply.Address.Length == 0 && reply.Path.StartsWith('/') && (reply.Query.Length == 0 || reply.Query.StartsWith('?'));
        return known && IsUrl(reply.Path) && IsUrl(reply.Query)
            ? new NodeRequest(reply.Node, reply.Path, reply.Query) { Address = reply.Address }
            : throw _objects.Wrong("answered what is no request for a node");
    }

    public async ValueTask ConvertAsync(
        ResourceDefinition definition, ConversionDirection direction, IReadOnlyList<JsonObject> objects, CancellationToken cancellationToken)
    {
        for (var done = 0; done < objects.Count;)
        {
            var request = ConversionBatches.Next(definition, direction, objects, done);
            var reply = await AskAsync(client.ConvertAsync, request, cancellationToken).ConfigureAwait(false);
            _objects.ThrowIf(reply.Refusal);
            if (reply.Objects.Count != request.Objects.Count)
            {
                throw _objects.Wrong($"converted {request.Objects.Count} objects into {reply.Objects.Count}");
            }

            foreach (var converted in reply.Objects)
            {
                _objects.Change(objects[done], converted, mayBeginDeletion: false);
                if (direction == ConversionDirection.FromStored)
                {
                    _objects.DemandTypes(objects[done], definition);
                }

                done++;
            }
        }
    }

    public async ValueTask<IReadOnlyList<IReadOnlyList<JsonNode?>>> RenderAsync(
        ResourceDefinition definition, IReadOnlyList<ApiObject> objects, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (!rules.Contains(Protocol.KindRule.Render))
        {
            return [.. objects.Select(_ => (IReadOnlyList<JsonNode?>)[])];
        }

        var rows = new List<IReadOnlyList<JsonNode?>>(objects.Count);
        foreach (var batch in TableBatches.Of(objects))
        {
            var request = new Protocol.RenderRequest { Resource = SecurityMessages.ToMessage(definition.Resource), Now = Timestamp.FromDateTimeOffset(now) };
            request.Objects.AddRange(batch.Select(obj => UnsafeByteOperations.UnsafeWrap(obj.ToJson())));
            try
            {
                var reply = await plugin.CallAsync(client.RenderAsync, request, cancellationToken).ConfigureAwait(false);
                rows.AddRange(TableBatches.Read(reply, batch.Count, definition.Columns.Count) ?? throw _objects.Wrong("answered other cells than a table of these objects has"));
            }
            catch (PluginProcessException e) when (IsAway(e))
            {
                rows.AddRange(batch.Select(obj => TableBatches.Unknown(obj, definition)));
            }
            catch (PluginProcessException e)
            {
                throw Failed(e);
            }
        }

        return rows;
    }

    private IEnumerable<Protocol.WriteStep> Steps(ResourceWrite write)
    {
        if (write.Steps.HasFlag(WriteSteps.Default) && rules.Contains(Protocol.KindRule.Default))
        {
            yield return Protocol.WriteStep.Default;
        }

        if (write.Steps.HasFlag(WriteSteps.Prepare) && rules.Contains(write.Old is null ? Protocol.KindRule.PrepareForCreate : Protocol.KindRule.PrepareForUpdate))
        {
            yield return Protocol.WriteStep.Prepare;
        }

        if (write.Steps.HasFlag(WriteSteps.Validate)
            && (rules.Contains(Protocol.KindRule.Validate) || rules.Contains(Protocol.KindRule.Warn)
                || (rules.Contains(Protocol.KindRule.HoldDeletion) && IsBeingDeleted(write.Object))))
        {
            yield return Protocol.WriteStep.Validate;
        }

        if (write.Steps.HasFlag(WriteSteps.Reserve) && rules.Contains(Protocol.KindRule.Reserve))
        {
            yield return Protocol.WriteStep.Reserve;
        }
    }

    /// <summary>A process that can't be told has ended, or will be, and has forgotten it.</summary>
    private async Task EndAsync(ulong reservation, bool kept)
    {
        var generation = plugin.Generation();
        for (var attempt = 0; attempt < EndAttempts && plugin.Generation() == generation; attempt++)
        {
            try
            {
                await plugin.CallAsync(
                    client.EndReservationAsync, new Protocol.EndReservationRequest { Reservation = reservation, Kept = kept }, CancellationToken.None).ConfigureAwait(false);
                return;
            }
            catch (PluginProcessException)
            {
                // Its number means nothing to the next process.
            }
        }
    }

    /// <exception cref="ApiException">The process is not there: ServiceUnavailable; or it failed.</exception>
    private async ValueTask<TReply> AskAsync<TRequest, TReply>(
        Func<TRequest, CallOptions, AsyncUnaryCall<TReply>> call, TRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return await plugin.CallAsync(call, request, cancellationToken).ConfigureAwait(false);
        }
        catch (PluginProcessException e) when (IsAway(e))
        {
            throw new ApiException(
                new ApiStatus(StatusReason.ServiceUnavailable, $"resource plugin {plugin.Self.Name} can't be asked, so nothing is done: {e.Message}") { RetryAfterSeconds = 1 }, e);
        }
        catch (PluginProcessException e)
        {
            throw Failed(e);
        }
    }

    private ApiException Failed(PluginProcessException e) =>
        new(new ApiStatus(StatusReason.InternalError, $"resource plugin {plugin.Self.Name} failed, so nothing is done: {e.Message}"), e);

    private static bool IsBeingDeleted(JsonObject obj) => obj["metadata"] is JsonObject metadata && metadata["deletionTimestamp"] is not null;

    private static bool IsUrl(string text) => text.All(c => c is > ' ' and < '\x7f' and not '#');
}
