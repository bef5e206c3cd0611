using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Modular.Kernel.Tests;

namespace Modular.Kernel.Plugins.Tests;

/// <summary>Those who are asked about each request, exchanged while requests are made.</summary>
public sealed class SecurityExchangeTests : IAsyncDisposable
{
    private const int Exchanges = 20;
    private static readonly ResourceName Security = new(PluginKind.Resource, "", "security");

    private readonly HostFixture _fixture = new();
    private readonly MemoryStore _store = new();
    private readonly ApiKernel _kernel;

    public SecurityExchangeTests()
    {
        var host = new PluginIdentity("host", "host", "0.1.0", 1);
        _fixture.Contracts.ProvideFromHost<IObjectStore>(_store, host);
        _fixture.Contracts.ProvideFromHost<IResourceSource>(new PluginResourceSource(), host);
        _kernel = new ApiKernel(
            new KernelContracts
            {
                Store = _fixture.Contracts.Handle<IObjectStore>(),
                Resources = _fixture.Contracts.Handle<IResourceSource>(),
                Authenticators = _fixture.Contracts.Handle<IAuthenticator>(),
                Authorizers = _fixture.Contracts.Handle<IAuthorizer>(),
                Admission = _fixture.Contracts.Handle<IAdmission>(),
            },
            new KernelSettings(), NullLoggerFactory.Instance);
        _fixture.Installed.Install("security-fixture");
        _fixture.Installed.Install("security-fixture", manifest => manifest["version"] = "2.0.0");
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _kernel.DisposeAsync();
        await _fixture.DisposeAsync();
        _store.Dispose();
    }

    [Fact]
    public async Task No_request_goes_by_without_being_asked_about()
    {
        await _fixture.StartAsync(Slot(0));
        await _kernel.StartAsync(Token);
        var administrator = _kernel.CreateClient(new UserInfo("admin") { Groups = ["system:masters"] });
        await administrator.CreateAsync(PluginKind.Resource, "", PluginObject("security"), Token);
        using var exchanged = new CancellationTokenSource();

        Task<int>[] asked =
        [
            RepeatAsync(async () => Assert.Equal("carla", (await _kernel.AuthenticateAsync(new AuthenticationRequest { BearerToken = "known" }, Token)).User!.Name)),
            // Nobody else lets her.
            RepeatAsync(async () => await _kernel.CreateClient(new UserInfo("carla")).GetAsync(Security, Token)),
            RepeatAsync(async () => Assert.Equal(
                StatusReason.Forbidden,
                (await Assert.ThrowsAsync<ApiException>(async () => await administrator.CreateAsync(PluginKind.Resource, "", PluginObject("forbidden"), Token))).Reason)),
        ];
        for (var i = 1; i <= Exchanges; i++)
        {
            Assert.Equal(i + 1, (await _fixture.Host.ApplyAsync(Slot(i), Token)).Epoch);
        }

        await exchanged.CancelAsync();
        Assert.All(await Task.WhenAll(asked), times => Assert.True(times > 0));

        Task<int> RepeatAsync(Func<Task> request) => Task.Run(async () =>
        {
            var times = 0;
            do
            {
                await request();
                times++;
            }
            while (!exchanged.IsCancellationRequested);

            return times;
        });
    }

    private static PluginSlot Slot(int exchange) =>
        HostFixture.Slot("security", "security-fixture", version: exchange % 2 == 0 ? "1.0.0" : "2.0.0") with { Instance = $"{exchange}" };

    private static JsonObject PluginObject(string name) => new()
    {
        ["apiVersion"] = "modular.dev/v1alpha1",
        ["kind"] = "Plugin",
        ["metadata"] = new JsonObject { ["name"] = name },
        ["spec"] = new JsonObject { ["plugin"] = "security-fixture" },
    };
}
