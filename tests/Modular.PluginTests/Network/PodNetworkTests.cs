using System.Net;
using Modular.Abstractions;

namespace Modular.PluginTests;

/// <summary>
/// What every pod network has to do. An author derives a class, says how a network is made on a machine whose network may be changed, and has
/// these tests. Sandboxes are true network namespaces unless the class makes others, which takes root.
/// </summary>
public abstract class PodNetworkTests : IAsyncLifetime
{
    private readonly List<SandboxProcess> _sandboxes = [];
    private IPodNetwork? _network;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private IPodNetwork Network => _network!;

    /// <summary>Makes the network; called once for each test.</summary>
    protected abstract ValueTask<IPodNetwork> StartAsync();

    /// <summary>Makes a sandbox, and answers the path of its network namespace.</summary>
    protected virtual async ValueTask<string> CreateSandboxAsync()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "sandboxes are network namespaces, which take root");
        var sandbox = await SandboxProcess.StartAsync(Token);
        _sandboxes.Add(sandbox);
        return sandbox.NetworkNamespace;
    }

    /// <inheritdoc />
    public async ValueTask InitializeAsync() => _network = await StartAsync();

    /// <summary>Ends what was made.</summary>
    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        _sandboxes.ForEach(sandbox => sandbox.Dispose());
        return ValueTask.CompletedTask;
    }

    /// <summary>Each sandbox has an address of its own in the node's range, which is not the node's.</summary>
    [Fact]
    public async Task EachSandboxHasAnAddressOfItsOwn()
    {
        var info = await Network.GetInfoAsync(Token);
        var range = IPNetwork.Parse(info.PodRange);
        Assert.True(IPAddress.TryParse(info.NodeAddress, out _), $"{info.NodeAddress} is no address");
        string[] addresses = [await AttachAsync("one"), await AttachAsync("other")];
        Assert.All(addresses, address => Assert.True(range.Contains(IPAddress.Parse(address)), $"{address} is not in {range}"));
        Assert.Equal(3, addresses.Append(info.NodeAddress).Distinct().Count());
    }

    /// <summary>Asked again, the same sandbox has the same address.</summary>
    [Fact]
    public async Task AskedAgainASandboxKeepsItsAddress()
    {
        var sandbox = await CreateSandboxAsync();
        var address = await AttachAsync("pod", sandbox);
        await AttachAsync("other");
        Assert.Equal(address, await AttachAsync("pod", sandbox));
        Assert.Equal(2, (await Network.ListAsync(Token)).Count);
    }

    /// <summary>The list is of all that are connected, with their addresses.</summary>
    [Fact]
    public async Task TheListIsOfAllThatAreConnected()
    {
        Assert.Empty(await Network.ListAsync(Token));
        string[] expected = [$"one {await AttachAsync("one")}", $"other {await AttachAsync("other")}"];
        Assert.Equal(expected, await ListAsync());
    }

    /// <summary>A sandbox that leaves is not listed any more; leaving twice, or never having come, is no error.</summary>
    [Fact]
    public async Task DetachingIsForAllWhoEverWere()
    {
        await AttachAsync("pod");
        var stays = await AttachAsync("stays");
        await Network.DetachAsync("pod", Token);
        await Network.DetachAsync("pod", Token);
        await Network.DetachAsync("never", Token);
        Assert.Equal([$"stays {stays}"], await ListAsync());
    }

    /// <summary>A port of the node leads to one pod; it is free again when that has left.</summary>
    [Fact]
    public async Task AHostPortIsHadOnce()
    {
        var port = new PodHostPort("TCP", "", 18080, 80);
        var second = await CreateSandboxAsync();
        await AttachAsync("first", await CreateSandboxAsync(), port);
        var taken = await Assert.ThrowsAsync<PodNetworkException>(() => AttachAsync("second", second, port));
        Assert.Equal("HostPortInUse", taken.Reason);
        Assert.NotEqual("", taken.Message);
        Assert.Single(await Network.ListAsync(Token));
        await AttachAsync("second", second, port with { Protocol = "UDP" });
        await Network.DetachAsync("first", Token);
        await AttachAsync("second", second, port);
    }

    /// <summary>A sandbox without a namespace is refused with a reason, and leaves nothing.</summary>
    [Theory]
    [InlineData("/run/no-such-namespace")]
    [InlineData("/etc/passwd")]
    [InlineData("")]
    public async Task ASandboxWithoutANamespaceIsRefused(string path)
    {
        var refused = await Assert.ThrowsAsync<PodNetworkException>(() => AttachAsync("pod", path));
        Assert.Matches("^[A-Z][A-Za-z]+$", refused.Reason);
        Assert.Empty(await Network.ListAsync(Token));
        Assert.NotEqual("", await AttachAsync("pod"));
    }

    /// <summary>However many come at once, each has an address of its own, and the same sandbox one.</summary>
    [Fact]
    public async Task ManyMayComeAtOnce()
    {
        var sandboxes = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => CreateSandboxAsync().AsTask()));
        var addresses = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => Task.Run(() => AttachAsync($"pod-{i % 8}", sandboxes[i % 8]), Token)));
        Assert.Equal(8, addresses.Distinct().Count());
        Assert.Equal(addresses.Take(8), addresses.Skip(8));
    }

    /// <summary>A call whose caller gave up before it began changes nothing.</summary>
    [Fact]
    public async Task ACancelledCallChangesNothing()
    {
        var sandbox = await CreateSandboxAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Network.EnsureAttachedAsync(Spec("pod", sandbox), new CancellationToken(canceled: true)).AsTask());
        Assert.Empty(await Network.ListAsync(Token));
    }

    private static PodAttachmentSpec Spec(string id, string sandbox, params PodHostPort[] hostPorts) => new()
    {
        SandboxId = id,
        NetworkNamespace = sandbox,
        PodNamespace = "default",
        PodName = id,
        HostPorts = hostPorts,
    };

    private async Task<string> AttachAsync(string id) => await AttachAsync(id, await CreateSandboxAsync());

    private async Task<string> AttachAsync(string id, string sandbox, params PodHostPort[] hostPorts)
    {
        var attachment = await Network.EnsureAttachedAsync(Spec(id, sandbox, hostPorts), Token);
        Assert.Equal(id, attachment.SandboxId);
        return Assert.Single(attachment.Addresses);
    }

    private async Task<IEnumerable<string>> ListAsync() =>
        (await Network.ListAsync(Token)).Select(attachment => $"{attachment.SandboxId} {string.Join(',', attachment.Addresses)}").Order(StringComparer.Ordinal);
}
