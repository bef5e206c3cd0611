namespace Modular.ApiServer.Tests;

/// <summary>Requests that somebody makes as somebody else.</summary>
public sealed class ImpersonationTests
{
    private const string Path = "/apis/example.com/v1/namespaces/default/widgets";

    [Theory]
    [InlineData("bob", "", "", "bob: system:authenticated", "users//bob")]
    [InlineData("bob", "admins", "u7", "bob/u7: admins,system:authenticated", "users//bob groups//admins authentication.k8s.io/uids//u7")]
    [InlineData("system:anonymous", "", "", "system:anonymous: system:unauthenticated", "users//system:anonymous")]
    [InlineData(
        "system:serviceaccount:shop:robot", "", "",
        "system:serviceaccount:shop:robot: system:serviceaccounts,system:serviceaccounts:shop,system:authenticated", "serviceaccounts/shop/robot")]
    public async Task Who_may_is_taken_for_another(string user, string groups, string uid, string expected, string demanded)
    {
        await using var server = await TestServer.StartAsync();

        var answer = await SendAsync(server, user, groups, uid);

        Assert.Equal(200, answer);
        var taken = server.Pipeline.Request!.User;
        Assert.Equal(expected, $"{taken.Name}{(taken.Uid.Length > 0 ? $"/{taken.Uid}" : "")}: {string.Join(',', taken.Groups)}");
        Assert.All(server.Pipeline.Authorized, request => Assert.Equal(("tester", "impersonate"), (request.User.Name, request.Verb)));
        Assert.Equal(
            demanded,
            string.Join(' ', server.Pipeline.Authorized.Select(r => $"{(r.Group.Length > 0 ? $"{r.Group}/" : "")}{r.Resource}/{r.Namespace}/{r.Name}")));
    }

    [Fact]
    public async Task Who_may_not_is_refused_before_anything_is_asked()
    {
        await using var server = await TestServer.StartAsync();
        server.Pipeline.Failure = new ApiException(StatusReason.Forbidden, "no");

        Assert.Equal(403, await SendAsync(server, "bob", "", ""));

        Assert.Null(server.Pipeline.Request);
    }

    [Fact]
    public async Task What_is_said_of_another_besides_is_taken_over()
    {
        await using var server = await TestServer.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, Path);
        request.Headers.Add("Impersonate-User", "bob");
        request.Headers.Add("Impersonate-Extra-Example.org%2fReason", "Audit 7");
        request.Headers.Add("impersonate-extra-scopes", "view");

        using var response = await server.Client.SendAsync(request, TestServer.Cancel);

        Assert.Equal(200, (int)response.StatusCode);
        var extra = server.Pipeline.Request!.User.Extra;
        Assert.Equal(
            ["example.org/reason=Audit 7", "scopes=view"],
            extra.OrderBy(e => e.Key, StringComparer.Ordinal).Select(e => $"{e.Key}={string.Join('|', e.Value)}"));
        Assert.Equal(
            ["/users//bob", "authentication.k8s.io/userextras/example.org/reason/Audit 7", "authentication.k8s.io/userextras/scopes/view"],
            server.Pipeline.Authorized.Select(r => $"{r.Group}/{r.Resource}/{r.Subresource}/{r.Name}").Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("", "admins", "")]
    [InlineData("", "", "u")]
    [InlineData("", "", "", "Impersonate-Extra-Reason")]
    public async Task Headers_that_name_nobody_are_no_request_as_oneself(string user, string groups, string uid, string extra = "")
    {
        await using var server = await TestServer.StartAsync();

        Assert.Equal(400, await SendAsync(server, user, groups, uid, extra));

        Assert.Null(server.Pipeline.Request);
    }

    private static async Task<int> SendAsync(TestServer server, string user, string groups, string uid, string extra = "")
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Path);
        foreach (var (name, value) in (ReadOnlySpan<(string, string)>)[("Impersonate-User", user), ("Impersonate-Uid", uid)])
        {
            if (value.Length > 0)
            {
                request.Headers.Add(name, value);
            }
        }

        foreach (var group in groups.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            request.Headers.Add("Impersonate-Group", group);
        }

        if (extra.Length > 0)
        {
            request.Headers.Add(extra, "x");
        }

        using var response = await server.Client.SendAsync(request, TestServer.Cancel);
        return (int)response.StatusCode;
    }
}
