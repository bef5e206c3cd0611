namespace Modular.Kernel.Tests;

/// <summary>Objects that stand for servers, whose names come with schemes and ports.</summary>
public sealed class ServerTests : IAsyncLifetime
{
    private TestKernel? _kernel;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _kernel = await TestKernel.StartAsync();
        await _kernel.Pipeline.CreateAsync(TestKernel.Widgets("create"), TestKernel.Body("""{"metadata":{"name":"w"}}"""), new WriteOptions(), Cancel);
    }

    public ValueTask DisposeAsync() => _kernel!.DisposeAsync();

    [Theory]
    [InlineData("w")]
    [InlineData("w:")]
    [InlineData("w:80")]
    [InlineData(":w:")]
    [InlineData("https:w:web")]
    public async Task A_name_may_come_with_a_scheme_and_a_port(string name) => Assert.Equal(new NodeRequest("w", "", ""), await ConnectAsync(name));

    [Theory]
    [InlineData("ftp:w:80", StatusReason.BadRequest)]
    [InlineData("a:b:c:d", StatusReason.BadRequest)]
    [InlineData(":80", StatusReason.BadRequest)]
    [InlineData("http::80", StatusReason.BadRequest)]
    [InlineData("v", StatusReason.NotFound)]
    [InlineData("http:v:80", StatusReason.NotFound)]
    public async Task What_names_no_server_is_refused(string name, StatusReason reason) =>
        Assert.Equal(reason, (await Assert.ThrowsAsync<ApiException>(async () => await ConnectAsync(name))).Reason);

    [Theory]
    [InlineData("10.0.0.7", true)]
    [InlineData("[fd00::7]", true)]
    [InlineData("127.0.0.1", false)]
    [InlineData("[::1]", false)]
    [InlineData("[::ffff:127.0.0.1]", false)]
    [InlineData("169.254.169.254", false)]
    [InlineData("[fe80::1]", false)]
    [InlineData("0.0.0.0", false)]
    [InlineData("224.0.0.1", false)]
    [InlineData("example.com", false)]
    public async Task Objects_lead_to_addresses_in_the_cluster_only(string address, bool allowed)
    {
        var token = new ApiRequest { User = TestKernel.Admin, Verb = "create", Resource = Kinds.Tokens, Namespace = "default" };
        await _kernel!.Pipeline.CreateAsync(
            token, TestKernel.Body($$"""{"metadata":{"name":"w"},"holder":"{{address}}"}"""), new WriteOptions(), Cancel);
        if (allowed)
        {
            Assert.Equal($"https://{address}:8443", (await ConnectAsync("https:w:8443")).Address);
            return;
        }

        var refusal = await Assert.ThrowsAsync<ApiException>(async () => await ConnectAsync("https:w:8443"));
        Assert.Equal((StatusReason.BadRequest, "address not allowed"), (refusal.Reason, refusal.Message));
    }

    private async Task<NodeRequest> ConnectAsync(string name) =>
        await _kernel!.Pipeline.ConnectAsync(TestKernel.Widgets("get", name, "proxy"), [], Cancel);
}
