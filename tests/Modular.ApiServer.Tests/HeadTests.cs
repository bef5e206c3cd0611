using System.Net;

namespace Modular.ApiServer.Tests;

public sealed class HeadTests
{
    [Theory]
    [InlineData("/apis/example.com/v1/widgets", "1.1")]
    [InlineData("/apis/example.com/v1/widgets", "2.0")]
    [InlineData("/api/v1/namespaces/default", "2.0")]
    [InlineData("/api/v1/namespaces/none", "2.0")]
    [InlineData("/api", "2.0")]
    [InlineData("/openapi/v3", "2.0")]
    public async Task The_answer_is_that_of_a_get_without_its_body(string path, string version)
    {
        await using var server = await KernelServer.StartAsync(Widgets.Namespaces, Widgets.Definition);
        using var get = await SendAsync(server, HttpMethod.Get, path, version);
        using var head = await SendAsync(server, HttpMethod.Head, path, version);
        Assert.Equal(Version.Parse(version), head.Version);
        Assert.Equal(get.StatusCode, head.StatusCode);
        Assert.Equal(get.Content.Headers.ContentType, head.Content.Headers.ContentType);
        Assert.NotEmpty(await get.Content.ReadAsByteArrayAsync(TestServer.Cancel));
        Assert.Empty(await head.Content.ReadAsByteArrayAsync(TestServer.Cancel));
    }

    [Theory]
    [InlineData("/apis/example.com/v1/widgets?watch=true")]
    [InlineData("/apis/example.com/v1/watch/widgets")]
    public async Task A_watch_has_no_head(string path)
    {
        await using var server = await KernelServer.StartAsync(Widgets.Namespaces, Widgets.Definition);

        using var head = await SendAsync(server, HttpMethod.Head, path, "1.1");

        Assert.Equal(HttpStatusCode.MethodNotAllowed, head.StatusCode);
    }

    private static Task<HttpResponseMessage> SendAsync(KernelServer server, HttpMethod method, string path, string version) =>
        server.Client.SendAsync(
            new HttpRequestMessage(method, path) { Version = Version.Parse(version), VersionPolicy = HttpVersionPolicy.RequestVersionExact },
            TestServer.Cancel);
}
