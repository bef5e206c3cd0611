namespace Modular.ApiServer.Tests;

public sealed class RoutingTests
{
    [Theory]
    [InlineData("GET", "/apis/example.com/v1/widgets", "list", "", "", "")]
    [InlineData("GET", "/apis/example.com/v1/widgets/", "list", "", "", "")]
    [InlineData("GET", "/apis/example.com/v1/namespaces/n/widgets", "list", "n", "", "")]
    [InlineData("GET", "/apis/example.com/v1/namespaces/n/widgets/a", "get", "n", "a", "")]
    [InlineData("GET", "/apis/example.com/v1/namespaces/n/widgets/a/", "get", "n", "a", "")]
    [InlineData("GET", "/apis/example.com/v1/namespaces/n/widgets/a/status", "get", "n", "a", "status")]
    [InlineData("GET", "/api/v1/namespaces", "list", "", "", "")]
    [InlineData("GET", "/api/v1/namespaces/n", "get", "", "n", "")]
    [InlineData("GET", "/api/v1/namespaces/n/status", "get", "", "n", "status")]
    [InlineData("DELETE", "/api/v1/namespaces/n", "delete", "", "n", "")]
    [InlineData("DELETE", "/apis/example.com/v1/namespaces/n/widgets", "deletecollection", "n", "", "")]
    public async Task Paths_and_methods_name_what_is_asked_for(string method, string path, string verb, string ns, string name, string subresource)
    {
        await using var server = await TestServer.StartAsync();
        var answer = await server.SendAsync(method, path);
        Assert.Equal(200, answer.Code);
        var request = server.Pipeline.Request!;
        Assert.Equal((verb, ns, name, subresource), (request.Verb, request.Namespace, request.Name, request.Subresource));
        Assert.Equal("tester", request.User.Name);
    }

    [Theory]
    [InlineData("/apis/example.com/v1/gadgets")]
    [InlineData("/apis/example.com/v1/widgets/a")]
    [InlineData("/apis/example.com/v2/widgets")]
    [InlineData("/apis/nobody.example.com")]
    [InlineData("/apis/example.com/v1/namespaces/n/widgets/a/nothing")]
    [InlineData("/apis/example.com/v1/namespaces/n/widgets/a/status/more")]
    [InlineData("/apis/example.com/v1/namespaces/n/widgets/a/status/1/2/3/4/5/6/7/8/9")]
    [InlineData("/apis/example.com/v1/watch/namespaces/n/widgets/a/proxy/")]
    [InlineData("/api/v1/namespaces/n/namespaces")]
    [InlineData("/api/v1//namespaces")]
    [InlineData("/apisfoo")]
    [InlineData("/nothing")]
    public async Task What_is_not_served_is_not_found(string path)
    {
        await using var server = await TestServer.StartAsync();
        var answer = await server.SendAsync("GET", path);
        Assert.Equal(404, answer.Code);
        Assert.Equal("Status", answer["kind"]);
        Assert.Equal("NotFound", answer["reason"]);
        Assert.Equal("the server could not find the requested resource", answer["message"]);
    }

    [Theory]
    [InlineData("POST", "/apis/example.com/v1/widgets")]
    [InlineData("POST", "/apis/example.com/v1/namespaces/n/widgets/a")]
    [InlineData("PUT", "/apis/example.com/v1/namespaces/n/widgets")]
    [InlineData("OPTIONS", "/apis/example.com/v1/namespaces/n/widgets")]
    [InlineData("POST", "/version")]
    [InlineData("DELETE", "/apis")]
    public async Task Methods_without_a_meaning_are_not_allowed(string method, string path)
    {
        await using var server = await TestServer.StartAsync();
        var answer = await server.SendAsync(method, path, method == "DELETE" ? null : "{}");
        Assert.Equal(405, answer.Code);
        Assert.Equal("MethodNotAllowed", answer["reason"]);
    }

    [Fact]
    public async Task A_kind_that_comes_is_served_at_once()
    {
        await using var server = await TestServer.StartAsync();
        server.Registry.Set(Widgets.Namespaces);
        Assert.Equal(404, (await server.SendAsync("GET", "/apis/example.com/v1/widgets")).Code);
        server.Registry.Set(Widgets.Namespaces, Widgets.Definition);
        Assert.Equal(200, (await server.SendAsync("GET", "/apis/example.com/v1/widgets")).Code);
    }

    [Theory]
    [InlineData("limit=x", "limit")]
    [InlineData("limit=-1", "limit")]
    [InlineData("watch=perhaps", "watch")]
    [InlineData("timeoutSeconds=1h", "timeoutSeconds")]
    [InlineData("sendInitialEvents=2", "sendInitialEvents")]
    public async Task A_malformed_parameter_is_named(string query, string parameter)
    {
        await using var server = await TestServer.StartAsync();
        var answer = await server.SendAsync("GET", "/apis/example.com/v1/widgets?" + query);
        Assert.Equal(400, answer.Code);
        Assert.Contains($"query parameter \"{parameter}\"", answer["message"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task List_parameters_reach_the_pipeline()
    {
        await using var server = await TestServer.StartAsync();
        await server.SendAsync("GET",
            "/apis/example.com/v1/widgets?labelSelector=a%3Db%2Cc+in+%28d%29&fieldSelector=metadata.name%3Dx&limit=17&continue=t&resourceVersion=5&resourceVersionMatch=Exact");
        Assert.Equal(
            new ListOptions
            {
                LabelSelector = "a=b,c in (d)",
                FieldSelector = "metadata.name=x",
                Limit = 17,
                Continue = "t",
                ResourceVersion = "5",
                ResourceVersionMatch = "Exact",
            },
            server.Pipeline.ListOptions);
    }
}
