using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using Modular.Abstractions;
using Modular.Abstractions.Http;

namespace Modular.PluginProcess.Tests;

/// <summary>A plugin's endpoints behind a listener, as an API server has them: with a user and under limits of its own.</summary>
internal sealed class HttpFront : IAsyncDisposable
{
    public static readonly UserInfo User = new("system:node:größe 1")
    {
        Groups = ["a,b", "system:authenticated"],
        Uid = "u/1",
        Extra = new Dictionary<string, IReadOnlyList<string>> { ["example.org/größe"] = ["c,d", "", "e"], ["scopes"] = ["all"] },
    };

    private readonly PluginUnderTest _test;
    private readonly WebApplication _app;

    private HttpFront(PluginUnderTest test, WebApplication app)
    {
        _test = test;
        _app = app;
        Address = new Uri(app.Urls.Single());
        Client = new HttpClient { BaseAddress = Address, Timeout = Timeout.InfiniteTimeSpan };
    }

    public Uri Address { get; }

    public HttpClient Client { get; }

    public PluginUnderTest Test => _test;

    public static async Task<HttpFront> StartAsync(bool isProcess)
    {
        var test = await PluginUnderTest.StartAsync("http-fixture", isProcess);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(options =>
        {
            options.Limits.MaxRequestBodySize = 1000;
            options.Limits.MinResponseDataRate = null;
            options.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http1);
        });
        var app = builder.Build();
        app.UseWebSockets();
        app.Run(context =>
        {
            context.Features.Set(User);
            context.Response.Headers.CacheControl = "no-cache, private";
            return context.Request.Path.StartsWithSegments("/node", StringComparison.Ordinal)
                ? test.Provided<INodeEndpoint>().HandleAsync(context)
                : test.Provided<IHttpEndpoints>().HandleAsync(context);
        });
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new HttpFront(test, app);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
        await _test.DisposeAsync();
    }
}
