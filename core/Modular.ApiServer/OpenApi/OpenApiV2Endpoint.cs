using System.Text.Json.Nodes;
using Google.Protobuf;

namespace Modular.ApiServer;

/// <summary>Serves <c>/openapi/v2</c>, as JSON and as protobuf; each is built when first asked for and kept until the kinds change.</summary>
internal sealed class OpenApiV2Endpoint(IResourceRegistry registry, ServerVersion version)
{
    public const string Path = "/openapi/v2";

    // Clients ask for the type with an @ in it, which their own parsers refuse in an answer.
    private const string Asked = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";
    private const string Answered = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";

    private static readonly GroupVersionResource CustomResources = new("apiextensions.k8s.io", "v1", "customresourcedefinitions");

    private readonly MadeOfKinds<CachedDocument> _json = new(registry, async kinds =>
        new CachedDocument(WholeDocument.Build(kinds, await Descriptions.ReadAsync(kinds, CancellationToken.None).ConfigureAwait(false), version), MediaType.Json));

    private readonly MadeOfKinds<CachedDocument> _protobuf = new(registry, async kinds =>
    {
        var document = WholeDocument.Build(kinds, await Descriptions.ReadAsync(kinds, CancellationToken.None).ConfigureAwait(false), version);
        if (!kinds.Any(kind => kind.Resource == CustomResources))
        {
            // kubectl asks about a kind that v3 does not have. If there are paths, but none of that kind, it lists custom resources, and reports that it
            // could not rather than that there is no such kind.
            document["paths"] = new JsonObject();
        }

        return new CachedDocument(GnosticDocument.Of(document).ToByteArray(), Answered);
    });

    /// <summary>Answers in the form the client asks for.</summary>
    /// <exception cref="ApiException">NotAcceptable.</exception>
    public async Task HandleAsync(HttpContext context)
    {
        var made = PrefersProtobuf(context.Request.Headers.Accept.ToString()) ? _protobuf : _json;
        await (await made.GetAsync(context.RequestAborted).ConfigureAwait(false)).WriteAsync(context).ConfigureAwait(false);
    }

    private static bool PrefersProtobuf(ReadOnlySpan<char> accept)
    {
        if (accept.IsWhiteSpace())
        {
            return false;
        }

        var (best, protobuf) = (0.0, false);
        foreach (var range in accept.Split(','))
        {
            var clause = new AcceptClause(accept[range]);
            if (clause.Quality > best && (clause.IsJson || clause.Type is Asked or Answered))
            {
                (best, protobuf) = (clause.Quality, !clause.IsJson);
            }
        }

        return best > 0 ? protobuf : throw new ApiException(StatusReason.NotAcceptable, $"only the following media types are accepted: {MediaType.Json}, {Asked}");
    }
}
