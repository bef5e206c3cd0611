using System.Text.Json.Nodes;

namespace Modular.ApiServer;

/// <summary>What a delete asks for, from its query and its optional DeleteOptions body; the body outranks the query.</summary>
/// <param name="Options">What the pipeline gets.</param>
/// <param name="DryRun">Whether nothing is deleted.</param>
/// <param name="Cascading">True if the old <c>orphanDependents: false</c> was asked for, whose answer is 202 while the object is still there.</param>
internal sealed record DeleteParameters(DeleteOptions Options, bool DryRun, bool Cascading)
{
    private const string All = "All";

    private static readonly GroupVersionKind Kind = new("meta.k8s.io", "v1", "DeleteOptions");
    private static readonly string[] Policies = ["Background", "Foreground", "Orphan"];

    /// <summary>Reads both.</summary>
    /// <exception cref="ApiException">BadRequest or Invalid.</exception>
    public static async ValueTask<DeleteParameters> ReadAsync(
        HttpRequest request, RequestParameters query, CancellationToken cancellationToken)
    {
        var body = await RequestBodyReader
            .ReadOptionalAsync(request, Kind, MetaMessages.DeleteOptions, cancellationToken).ConfigureAwait(false);
        if (body is null)
        {
            return Check(new DeleteOptions { GracePeriodSeconds = query.GracePeriodSeconds, PropagationPolicy = query.PropagationPolicy },
                query.DryRun, query.OrphanDependents, new FieldErrors());
        }

        var obj = Open(body.Node);
        var errors = new FieldErrors();
        if (obj.GetString("propagationPolicy") is "")
        {
            errors.NotSupported("propagationPolicy", "", Policies);
        }

        var options = new DeleteOptions
        {
            GracePeriodSeconds = obj.GetInt64("gracePeriodSeconds") ?? query.GracePeriodSeconds,
            PropagationPolicy = obj.GetString("propagationPolicy") ?? query.PropagationPolicy,
            Uid = obj.GetString("preconditions.uid") ?? "",
            ResourceVersion = obj.GetString("preconditions.resourceVersion") ?? "",
        };
        var dryRun = obj.GetArray("dryRun") is { Count: > 0 } values ? ReadDryRun(values, errors) : query.DryRun;
        return Check(options, dryRun, obj.GetBoolean("orphanDependents") ?? query.OrphanDependents, errors);
    }

    /// <summary>The body as DeleteOptions, each field of its type.</summary>
    private static JsonObject Open(JsonNode body)
    {
        if (body is not JsonObject obj)
        {
            throw NoOptions("");
        }

        foreach (var field in (ReadOnlySpan<string>)["kind", "apiVersion"])
        {
            if (obj[field] is { } stated && stated.AsString() is null)
            {
                throw NoOptions($": {field} is not a string");
            }
        }

        if (obj.GetString("kind") is { Length: > 0 } kind && kind != Kind.Kind)
        {
            throw NoOptions($": its kind is \"{kind}\"");
        }

        SchemaDecoder.CheckTypes(obj, MetaMessages.DeleteOptions, Kind);
        return obj;
    }

    private static ApiException NoOptions(string detail) => new(StatusReason.BadRequest, "the body of a delete must be a DeleteOptions object" + detail);

    private static string ReadDryRun(JsonArray values, FieldErrors errors)
    {
        if (values.FirstOrDefault(static value => value.AsString() != All) is { } wrong)
        {
            errors.NotSupported("dryRun", wrong, [All]);
        }

        return All;
    }

    private static DeleteParameters Check(DeleteOptions options, string dryRun, bool? orphanDependents, FieldErrors errors)
    {
        if (dryRun is not ("" or All))
        {
            errors.NotSupported("dryRun", dryRun, [All]);
        }

        if (options.PropagationPolicy.Length > 0 && !Policies.Contains(options.PropagationPolicy))
        {
            errors.NotSupported("propagationPolicy", options.PropagationPolicy, Policies);
        }

        if (options.GracePeriodSeconds is < 0)
        {
            errors.Invalid("gracePeriodSeconds", options.GracePeriodSeconds, "must be greater than or equal to 0");
        }

        if (orphanDependents is not null && options.PropagationPolicy.Length > 0)
        {
            errors.Invalid("propagationPolicy", options.PropagationPolicy, "orphanDependents and deletionPropagation cannot be both set");
        }

        if (errors.Any)
        {
            throw new ApiException(errors.ToStatus(Kind, ""));
        }

        if (orphanDependents is { } orphan)
        {
            options = options with { PropagationPolicy = orphan ? "Orphan" : "Background" };
        }

        return new DeleteParameters(options, dryRun.Length > 0, orphanDependents == false);
    }
}
