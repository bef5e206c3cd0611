using System.Text.Json.Nodes;
using Google.Protobuf;
using Grpc.Core;
using Modular.Abstractions;
using Modular.ApiMachinery;
using Protocol = Modular.PluginProcess.Protocol;

namespace Modular.PluginProcess.Contracts;

/// <summary>Answers for the resource source that is provided.</summary>
internal sealed class ResourceSourceService(IContractSource contracts, SourceKinds kinds, OpenReservations reservations) : Protocol.ResourceSource.ResourceSourceBase
{
    private const WriteSteps AllButReserve = WriteSteps.Default | WriteSteps.Prepare | WriteSteps.Validate;

    private IResourceSource Source => contracts.Get<IResourceSource>();

    public override async Task<Protocol.Description> Describe(Protocol.DescribeRequest request, ServerCallContext context) =>
        ResourceMessages.ToMessage(await kinds.ReadAsync(Source, context.CancellationToken));

    public override async Task<Protocol.Explanation> Explain(Protocol.ExplainRequest request, ServerCallContext context)
    {
        var explanation = new Protocol.Explanation();
        foreach (var descriptions in (await Source.GetResourcesAsync(context.CancellationToken)).Select(kind => kind.Descriptions).OfType<ISchemaDescriptions>().Distinct())
        {
            foreach (var (name, text) in await descriptions.ReadAsync(context.CancellationToken))
            {
                explanation.Descriptions[name] = text;
            }
        }

        return explanation;
    }

    public override async Task<Protocol.WriteRuling> Write(Protocol.ResourceWrite request, ServerCallContext context)
    {
        var defaulted = ByteString.Empty;
        var write = new ResourceWrite
        {
            Definition = await FindAsync(request.Resource, context),
            Context = ResourceMessages.FromMessage(request.Context),
            Object = ObjectOf(request.Object),
            Old = SecurityMessages.FromMessage(request.Old),
            Steps = request.Steps.Aggregate(WriteSteps.None, (steps, step) => steps | StepOf(step)),
            Defaulted = obj => defaulted = SecurityMessages.ToMessage(obj),
        };
        var before = (JsonObject)write.Object.DeepClone();
        try
        {
            var ruling = await RuleAsync(write, context.CancellationToken);
            var message = new Protocol.WriteRuling
            {
                Object = ToMessage(write.Object, before),
                HoldsDeletion = ruling.HoldsDeletion,
                HasReserved = ruling.HasReserved,
                HasTaken = ruling.Reservation is not null,
            };
            if (ruling.Reservation is { } taken)
            {
                reservations.Add(request.Reservation, taken);
            }

            message.Defaulted = defaulted.IsEmpty || defaulted == SecurityMessages.ToMessage(write.Object) ? ByteString.Empty : defaulted;
            message.Errors.AddRange(ruling.Errors.Select(ResourceMessages.ToMessage));
            message.Warnings.AddRange(ruling.Warnings);
            return message;
        }
        catch (ApiException refusal)
        {
            return new() { Refusal = SecurityMessages.ToMessage(refusal.Status) };
        }
    }

    public override Task<Protocol.EndReservationReply> EndReservation(Protocol.EndReservationRequest request, ServerCallContext context)
    {
        reservations.End(request.Reservation, request.Kept);
        return Task.FromResult(new Protocol.EndReservationReply());
    }

    public override async Task<Protocol.DeletionRuling> Delete(Protocol.DeleteObjectRequest request, ServerCallContext context)
    {
        var definition = await FindAsync(request.Resource, context);
        var (obj, before) = (ObjectOf(request.Object), ObjectOf(request.Object));
        try
        {
            var ruling = await definition.Rules.DeleteAsync(
                definition, ResourceMessages.FromMessage(request.Context), obj, request.HasRequestedGraceSeconds ? request.RequestedGraceSeconds : null,
                context.CancellationToken);
            return new() { Object = ToMessage(obj, before), GraceSeconds = ruling.GraceSeconds, HoldsDeletion = ruling.HoldsDeletion };
        }
        catch (ApiException refusal)
        {
            return new() { Refusal = SecurityMessages.ToMessage(refusal.Status) };
        }
    }

    public override async Task<Protocol.ActionRuling> Apply(Protocol.ApplyRequest request, ServerCallContext context)
    {
        var definition = await FindAsync(request.Resource, context);
        var (obj, before) = (ObjectOf(request.Object), ObjectOf(request.Object));
        try
        {
            var ruling = await definition.Rules.ApplyAsync(
                definition, Find(definition, request.Context.Subresource, SubresourceType.Action), ResourceMessages.FromMessage(request.Context), ObjectOf(request.Request), obj,
                context.CancellationToken);
            return new() { Object = ToMessage(obj, before), Answer = SecurityMessages.ToMessage(ruling.Answer.Body), HoldsDeletion = ruling.HoldsDeletion, Deletion = ResourceMessages.ToMessage(ruling.Answer.Deletion) };
        }
        catch (ApiException refusal)
        {
            return new() { Refusal = SecurityMessages.ToMessage(refusal.Status) };
        }
    }

    public override async Task<Protocol.NodeRequest> Resolve(Protocol.ResolveRequest request, ServerCallContext context)
    {
        var definition = await FindAsync(request.Resource, context);
        try
        {
            var connect = Find(definition, request.Subresource, SubresourceType.Connect, SubresourceType.Proxy);
            var question = new ConnectQuestion
            {
                Object = ApiObjectOf(definition.Kind, request.Object),
                Beside = request.Beside.IsEmpty ? null : ApiObjectOf(null, request.Beside),
                Query = [.. request.Query.Select(parameter => KeyValuePair.Create(parameter.Name, parameter.Value))],
                Scheme = request.Scheme,
                Port = request.Port,
            };
            var found = await definition.Rules.ResolveAsync(definition, connect, question, context.CancellationToken);
            return new() { Node = found.Node, Path = found.Path, Query = found.Query, Address = found.Address };
        }
        catch (ApiException refusal)
        {
            return new() { Refusal = SecurityMessages.ToMessage(refusal.Status) };
        }
    }

    public override async Task<Protocol.ConvertReply> Convert(Protocol.ConvertRequest request, ServerCallContext context)
    {
        var definition = await FindAsync(request.Resource, context);
        var objects = request.Objects.Select(ObjectOf).ToList();
        try
        {
            await definition.Rules.ConvertAsync(definition, (ConversionDirection)request.Direction, objects, context.CancellationToken);
        }
        catch (ApiException refusal)
        {
            return new() { Refusal = SecurityMessages.ToMessage(refusal.Status) };
        }

        var reply = new Protocol.ConvertReply();
        reply.Objects.AddRange(objects.Select(SecurityMessages.ToMessage));
        return reply;
    }

    public override async Task<Protocol.RenderReply> Render(Protocol.RenderRequest request, ServerCallContext context)
    {
        var definition = await FindAsync(request.Resource, context);
        var rows = await definition.Rules.RenderAsync(
            definition, [.. request.Objects.Select(json => ApiObjectOf(definition.Kind, json))], request.Now.ToDateTimeOffset(), context.CancellationToken);
        var reply = new Protocol.RenderReply();
        foreach (var cells in rows)
        {
            var row = new Protocol.TableRow();
            row.Cells.AddRange(cells.Select(ResourceMessages.ToMessage));
            reply.Rows.Add(row);
        }

        return reply;
    }

    /// <summary>All steps; the last only for an object in which nothing is wrong by its schema either.</summary>
    private static async ValueTask<WriteRuling> RuleAsync(ResourceWrite write, CancellationToken cancellationToken)
    {
        var ruling = await write.Definition.Rules.WriteAsync(write with { Steps = write.Steps & AllButReserve }, cancellationToken);
        if (write.Steps.HasFlag(WriteSteps.Validate) && ResourceMessages.HasOwnNames(write.Definition))
        {
            ruling = ruling with { Errors = [.. ruling.Errors, .. NameErrors(write)] };
        }

        if (!write.Steps.HasFlag(WriteSteps.Reserve) || ruling.Errors.Count > 0 || (write.Steps != WriteSteps.Reserve && !IsValid(write)))
        {
            return ruling;
        }

        var reserved = await write.Definition.Rules.WriteAsync(write with { Steps = WriteSteps.Reserve }, cancellationToken);
        return ruling with { HasReserved = reserved.HasReserved, Errors = reserved.Errors, Reservation = reserved.Reservation };
    }

    private static IReadOnlyList<StatusCause> NameErrors(ResourceWrite write)
    {
        var errors = new FieldErrors();
        var name = write.Object.GetString("metadata.name") ?? "";
        foreach (var wrong in write.Definition.NameRule(name))
        {
            errors.Invalid("metadata.name", name, wrong);
        }

        return errors.Causes;
    }

    private static bool IsValid(ResourceWrite write)
    {
        var (definition, errors) = (write.Definition, new FieldErrors());
        ObjectMetaValidator.Validate(write.Object, definition.Namespaced, definition.NameRule, errors);
        SchemaValidator.Validate(write.Object, write.Old, definition.Schema, errors);
        return !errors.Any;
    }

    private ValueTask<ResourceDefinition> FindAsync(Protocol.GroupVersionResource resource, ServerCallContext context) =>
        kinds.FindAsync(Source, SecurityMessages.FromMessage(resource), context.CancellationToken);

    private static Subresource Find(ResourceDefinition definition, string name, params ReadOnlySpan<SubresourceType> types)
    {
        foreach (var subresource in definition.Subresources)
        {
            if (subresource.Name == name && types.Contains(subresource.Type))
            {
                return subresource;
            }
        }

        throw new RpcException(new Status(StatusCode.NotFound, $"{definition.Resource} has no {name} of type {string.Join(" or ", types.ToArray())}"));
    }

    private static WriteSteps StepOf(Protocol.WriteStep step) => step switch
    {
        Protocol.WriteStep.Default => WriteSteps.Default,
        Protocol.WriteStep.Prepare => WriteSteps.Prepare,
        Protocol.WriteStep.Validate => WriteSteps.Validate,
        Protocol.WriteStep.Reserve => WriteSteps.Reserve,
        _ => throw new RpcException(new Status(StatusCode.InvalidArgument, $"there is no step {step}")),
    };

    private static JsonObject ObjectOf(ByteString json) => SecurityMessages.FromMessage(json) ?? throw new RpcException(new Status(StatusCode.InvalidArgument, "there is no object"));

    private static ApiObject ApiObjectOf(GroupVersionKind? kind, ByteString json)
    {
        var obj = ObjectOf(json);
        var ownKind = kind ?? GroupVersionKind.From(obj.GetString("apiVersion") ?? "", obj.GetString("kind") ?? "");
        var revision = obj.GetInt64("metadata.resourceVersion") ?? (long.TryParse(obj.GetString("metadata.resourceVersion"), out var number) ? number : 0);
        return new ApiObject(ownKind, ObjectEncoding.Encode(obj), revision);
    }

    private static ByteString ToMessage(JsonObject obj, JsonObject before) => JsonNode.DeepEquals(obj, before) ? ByteString.Empty : SecurityMessages.ToMessage(obj);
}
