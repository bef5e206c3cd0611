using Microsoft.AspNetCore.Http;
using Modular.Abstractions;
using Modular.Abstractions.Http;
using Modular.ApiMachinery;

namespace Modular.Plugins.HttpFixture;

/// <summary>Serves /fixture, and speaks for a node; what it does is the last part of a path.</summary>
public sealed class HttpFixturePlugin : IPlugin, IHttpEndpoints, INodeEndpoint
{
    private Answers? _answers;

    public IReadOnlyList<string> Prefixes => ["/fixture", "/other/"];

    public string NodeName => "fixture-node";

    public ValueTask ProvisionAsync(IPluginContext context, CancellationToken cancellationToken)
    {
        _answers = new Answers(context.DataDirectory);
        context.Provide<IHttpEndpoints>(this);
        context.Provide<INodeEndpoint>(this);
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    Task IHttpEndpoints.HandleAsync(HttpContext context) => _answers!.HandleAsync(context, "endpoints");

    // Under /node it does what the last part says; otherwise it is a node without a pod.
    Task INodeEndpoint.HandleAsync(HttpContext context) => context.Request.Path.Value switch
    {
        { } path when path.StartsWith("/node/", StringComparison.Ordinal) => _answers!.HandleAsync(context, "node"),
        "/healthz" => context.Response.WriteAsync("ok", context.RequestAborted),
        _ => throw new ApiException(StatusReason.NotFound, "there is no such pod or path"),
    };
}
