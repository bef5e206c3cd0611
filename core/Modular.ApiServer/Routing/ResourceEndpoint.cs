namespace Modular.ApiServer;

/// <summary>Serves collections, objects and subresources: decodes the request, asks the pipeline, writes the answer.</summary>
internal sealed class ResourceEndpoint(ApiServerParts parts, WatchResponse watches, RequestMetrics metrics) : IDisposable
{
    private readonly IRequestPipeline _pipeline = parts.Pipeline;
    private readonly IResourceRegistry _kinds = parts.Resources;
    private readonly ObjectResponse _objects = new(parts.Time);
    private readonly ListResponse _lists = new(parts.Time);
    private readonly NodeProxy _nodes = new(parts.FindNode);
    private readonly ServerProxy _servers = new();

    public void Dispose() => _servers.Dispose();

    public Task HandleAsync(HttpContext context, in ApiCall call)
    {
        if (call.Route.Subresource is { Type: SubresourceType.Connect or SubresourceType.Proxy })
        {
            return ConnectAsync(context, call);
        }

        return call.Verb switch
        {
            "get" => GetAsync(context, call),
            "list" => ListAsync(context, call),
            "watch" => WatchAsync(context, call),
            "create" => CreateAsync(context, call),
            "update" => UpdateAsync(context, call),
            "patch" => PatchAsync(context, call),
            "delete" => DeleteAsync(context, call),
            _ => DeleteCollectionAsync(context, call),
        };
    }

    private static ResponseFormat FormatOf(HttpContext context, in ApiCall call) => AcceptHeader.Negotiate(
        context.Request.Headers.Accept.ToString(), call.Parameters.Pretty, call.Schema is { } schema && ProtobufFormat.Speaks(schema));

    private async Task GetAsync(HttpContext context, ApiCall call)
    {
        var format = FormatOf(context, call);
        var obj = await _pipeline.GetAsync(call.Request, context.RequestAborted).ConfigureAwait(false);
        await WriteObjectAsync(context, call, obj, format).ConfigureAwait(false);
    }

    private async Task ListAsync(HttpContext context, ApiCall call)
    {
        var format = FormatOf(context, call);
        var list = await _pipeline.ListAsync(call.Request, call.Parameters.ToListOptions(), context.RequestAborted).ConfigureAwait(false);
        await _lists.WriteAsync(context, call.Route.Definition, list, format, call.Parameters.IncludeObject).ConfigureAwait(false);
    }

    private async Task WatchAsync(HttpContext context, ApiCall call)
    {
        var format = FormatOf(context, call);
        var options = call.Parameters.ToListOptions();
        var request = call.Request;
        if (request.Name.Length > 0)
        {
            options = options with { FieldSelector = SelectName(request.Name, options.FieldSelector) };
            request = request with { Name = "" };
        }

        var definition = call.Route.Definition;
        var session = await _pipeline.WatchAsync(request, options, context.RequestAborted).ConfigureAwait(false);
        metrics.WatchOpened();
        try
        {
            await watches.WriteAsync(context, () => _kinds.TryGet(definition.Resource, out var current) ? current : definition, session, format, call.Parameters).ConfigureAwait(false);
        }
        finally
        {
            metrics.WatchClosed();
            await session.DisposeAsync().ConfigureAwait(false);
        }
    }

    // The old way to watch one object is a watch of its collection for its name.
    private static string SelectName(string name, string selector) =>
        selector.Length == 0 ? $"metadata.name={name}" : $"metadata.name={name},{selector}";

    private async Task CreateAsync(HttpContext context, ApiCall call)
    {
        if (call.Route.Definition.Namespaced && call.Route.Namespace.Length == 0)
        {
            throw Failures.NoSuchMethod();
        }

        var format = FormatOf(context, call);
        var options = call.Parameters.ToWriteOptions("CreateOptions", UserAgent(context));
        var body = await RequestBodyReader.ReadObjectAsync(context.Request, call.Kind, call.Schema, context.RequestAborted).ConfigureAwait(false);
        var result = await _pipeline.CreateAsync(call.Request, body, options, context.RequestAborted).ConfigureAwait(false);
        await WriteResultAsync(context, call, result, StatusCodes.Status201Created, format).ConfigureAwait(false);
    }

    private async Task UpdateAsync(HttpContext context, ApiCall call)
    {
        var format = FormatOf(context, call);
        var options = call.Parameters.ToWriteOptions("UpdateOptions", UserAgent(context));
        var body = await RequestBodyReader.ReadObjectAsync(context.Request, call.Kind, call.Schema, context.RequestAborted).ConfigureAwait(false);
        var result = await _pipeline.UpdateAsync(call.Request, body, options, context.RequestAborted).ConfigureAwait(false);
        await WriteResultAsync(context, call, result, CodeOf(result), format).ConfigureAwait(false);
    }

    private async Task PatchAsync(HttpContext context, ApiCall call)
    {
        var format = FormatOf(context, call);
        var type = RequestBodyReader.TypeOfPatch(context.Request);
        var options = call.Parameters.ToPatchOptions(type == PatchType.Apply, UserAgent(context));
        var body = await RequestBodyReader.ReadPatchAsync(context.Request, type, context.RequestAborted).ConfigureAwait(false);
        var result = await _pipeline.PatchAsync(call.Request, type, body, options, context.RequestAborted).ConfigureAwait(false);
        await WriteResultAsync(context, call, result, CodeOf(result), format).ConfigureAwait(false);
    }

    private async Task DeleteAsync(HttpContext context, ApiCall call)
    {
        var format = FormatOf(context, call);
        var delete = await DeleteParameters.ReadAsync(context.Request, call.Parameters, context.RequestAborted).ConfigureAwait(false);
        var result = await _pipeline.DeleteAsync(call.Request, delete.Options, delete.DryRun, context.RequestAborted).ConfigureAwait(false);
        if (result.Gone && !call.Route.Definition.ReturnsDeletedObject)
        {
            await StatusResponse.WriteDeletedAsync(context, call.Request.Resource, result.Object.Metadata).ConfigureAwait(false);
            return;
        }

        context.Response.StatusCode = delete.Cascading ? StatusCodes.Status202Accepted : StatusCodes.Status200OK;
        await WriteObjectAsync(context, call, result.Object, format).ConfigureAwait(false);
    }

    private async Task DeleteCollectionAsync(HttpContext context, ApiCall call)
    {
        var format = FormatOf(context, call);
        var delete = await DeleteParameters.ReadAsync(context.Request, call.Parameters, context.RequestAborted).ConfigureAwait(false);
        var deleted = await _pipeline
            .DeleteCollectionAsync(call.Request, call.Parameters.ToListOptions(), delete.Options, delete.DryRun, context.RequestAborted)
            .ConfigureAwait(false);
        await _lists.WriteAsync(context, call.Route.Definition, deleted, format, call.Parameters.IncludeObject).ConfigureAwait(false);
    }

    private async Task ConnectAsync(HttpContext context, ApiCall call)
    {
        var query = QueryPairs.Read(context.Request.QueryString);
        var target = await _pipeline.ConnectAsync(call.Request, query, context.RequestAborted).ConfigureAwait(false);
        if (call.Route.Subresource is not { Type: SubresourceType.Proxy })
        {
            await _nodes.ForwardAsync(context, call.Request.User, target).ConfigureAwait(false);
            return;
        }

        var path = ServerPath.Of(context, call.Route.Segments);
        if (path.Rest.Length == 0 && path.TryRedirect(context))
        {
            return;
        }

        if (target.Address.Length > 0)
        {
            await _servers.ForwardAsync(context, target.Address, path).ConfigureAwait(false);
            return;
        }

        var request = target with { Path = path.Rest.Length > 0 ? path.Rest : "/", Query = context.Request.QueryString.Value ?? "" };
        await _nodes.ForwardAsync(context, call.Request.User, request).ConfigureAwait(false);
    }

    private Task WriteResultAsync(HttpContext context, ApiCall call, WriteResult result, int code, ResponseFormat format)
    {
        WarningHeaders.Add(context.Response, result.Warnings);
        if (result.Object is null)
        {
            return StatusResponse.WriteSuccessAsync(context, code);
        }

        context.Response.StatusCode = code;
        return WriteObjectAsync(context, call, result.Object, format);
    }

    private Task WriteObjectAsync(HttpContext context, in ApiCall call, ApiObject obj, ResponseFormat format)
    {
        // A Scale or a Binding has not the columns of the object it belongs to.
        var table = call.Route.Definition is { Review: null, ActsOn: null } && (call.Route.Subresource is not { } subresource || subresource.Kind == call.Route.Definition.Kind);
        return format.Representation == Representation.Table && !table
            ? throw new ApiException(StatusReason.NotAcceptable, $"{call.Kind.Kind} has no table")
            : _objects.WriteAsync(
                context, call.Route.Definition, obj.Kind == call.Kind ? call.Schema : call.Route.Definition.Schema, obj, format, call.Parameters.IncludeObject);
    }

    private static int CodeOf(WriteResult result) => result.Created ? StatusCodes.Status201Created : StatusCodes.Status200OK;

    private static string UserAgent(HttpContext context) => context.Request.Headers.UserAgent.ToString();
}
