
namespace Modular.Kernel.Plugins.Tests;

public sealed class PluginLifecycleTests : IAsyncDisposable
{
    private readonly HostFixture _fixture = new();

    public PluginLifecycleTests()
    {
        _fixture.Installed.Install("scheduler-fixture");
        _fixture.Installed.Install("consumer-fixture");
    }

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task Providers_start_before_those_that_need_them_and_stop_after_them()
    {
        await _fixture.StartAsync(HostFixture.Slot("consumer", "consumer-fixture"), HostFixture.Slot("scheduler", "scheduler-fixture"));

        Assert.All(_fixture.Host.Statuses, s => Assert.Equal(PluginPhase.Running, s.Phase));
        Assert.True(_fixture.Status("scheduler").Condition(PluginConditions.Ready)!.Status);
        Assert.Equal("scheduler 1.0.0", await File.ReadAllTextAsync(
            Path.Combine(_fixture.Installed.Root, "data", "consumer", "scheduler"), TestContext.Current.CancellationToken));

        await _fixture.Host.StopAsync(StopReason.Shutdown);

        Assert.All(_fixture.Host.Statuses, s => Assert.Equal(PluginPhase.Stopped, s.Phase));
        Assert.Equal(["1.0.0 provision", "1.0.0 start", "1.0.0 stop Shutdown", "1.0.0 dispose"], _fixture.Steps("scheduler"));
        Assert.False(_fixture.Scheduler.IsAvailable);
    }

    [Theory]
    [InlineData("provision", "ProvisionFailed", "provisioning went wrong", new[] { "1.0.0 provision", "1.0.0 dispose" })]
    [InlineData("promise", "ProvisionFailed", "did not provide it", new[] { "1.0.0 provision", "1.0.0 dispose" })]
    [InlineData("start", "StartFailed", "starting went wrong", new[] { "1.0.0 provision", "1.0.0 start", "1.0.0 stop Failed", "1.0.0 dispose" })]
    public async Task A_failure_unwinds_the_earlier_steps_and_blocks_only_those_that_need_it(string failAt, string reason, string message, string[] steps)
    {
        await _fixture.StartAsync(HostFixture.Slot("scheduler", "scheduler-fixture", failAt), HostFixture.Slot("consumer", "consumer-fixture"));

        var ready = _fixture.Status("scheduler").Condition(PluginConditions.Ready)!;
        Assert.Equal((PluginPhase.Failed, false, reason), (_fixture.Status("scheduler").Phase, ready.Status, ready.Reason));
        Assert.Contains(message, ready.Message, StringComparison.Ordinal);
        Assert.Equal(steps, _fixture.Steps("scheduler"));
        Assert.False(_fixture.Scheduler.IsAvailable);
        var blocked = _fixture.Status("consumer").Condition(PluginConditions.Blocked)!;
        Assert.True(blocked.Status);
        Assert.Contains("scheduler", blocked.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_blocked_starts_when_its_provider_is_repaired()
    {
        await _fixture.StartAsync(HostFixture.Slot("scheduler", "scheduler-fixture", "start"), HostFixture.Slot("consumer", "consumer-fixture"));

        await _fixture.Host.ApplyAsync(HostFixture.Slot("scheduler", "scheduler-fixture"), CancellationToken.None);

        Assert.Equal(PluginPhase.Running, _fixture.Status("consumer").Phase);
        Assert.False(_fixture.Status("consumer").Condition(PluginConditions.Blocked)!.Status);
    }

    [Fact]
    public async Task A_start_that_hangs_is_abandoned_at_its_deadline()
    {
        var starting = _fixture.StartAsync(HostFixture.Slot("scheduler", "scheduler-fixture", "hang"));
        while (!_fixture.Steps("scheduler").Contains("1.0.0 start"))
        {
            await Task.Yield();
        }

        while (!starting.IsCompleted)
        {
            _fixture.Time.Advance(TimeSpan.FromSeconds(31));
            await Task.Yield();
        }

        await starting;
        Assert.Equal("StartTimeout", _fixture.Status("scheduler").Condition(PluginConditions.Ready)!.Reason);
    }

    [Fact]
    public async Task A_plugin_that_is_not_installed_is_one_failure_with_what_to_do()
    {
        await _fixture.StartAsync(HostFixture.Slot("scheduler", "scheduler-gone"), HostFixture.Slot("other", "scheduler-fixture"));

        Assert.Equal("NotInstalled", _fixture.Status("scheduler").Condition(PluginConditions.Resolved)!.Reason);
        Assert.Equal(PluginPhase.Running, _fixture.Status("other").Phase);
    }

    [Fact]
    public async Task Two_plugins_for_one_role_are_an_error_that_names_both()
    {
        _fixture.Installed.Install("scheduler-fixture-unloadable");
        await _fixture.StartAsync(HostFixture.Slot("a", "scheduler-fixture"), HostFixture.Slot("b", "scheduler-fixture-unloadable"));

        Assert.Equal(PluginPhase.Running, _fixture.Status("a").Phase);
        var resolved = _fixture.Status("b").Condition(PluginConditions.Resolved)!;
        Assert.Equal("ContractTaken", resolved.Reason);
        Assert.Contains("a (scheduler-fixture) and b (scheduler-fixture-unloadable) both provide modular.scheduler", resolved.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Readiness_and_fatal_errors_reach_the_host()
    {
        await _fixture.StartAsync(HostFixture.Slot("scheduler", "scheduler-fixture", "ready"));
        await _fixture.Host.ApplyAsync(HostFixture.Slot("scheduler", "scheduler-fixture", "fatal"), CancellationToken.None);

        Assert.True(_fixture.Fatal.TryDequeue(out var fatal));
        Assert.Equal(("scheduler", 2, "the disk is gone"), (fatal.Plugin.Name, fatal.Plugin.Epoch, fatal.Reason));
    }

    [Fact]
    public async Task A_plugin_that_is_not_ready_says_why()
    {
        await _fixture.StartAsync(HostFixture.Slot("scheduler", "scheduler-fixture", "ready"));

        var ready = _fixture.Status("scheduler").Condition(PluginConditions.Ready)!;
        Assert.Equal((false, "Warming", "reads its tables"), (ready.Status, ready.Reason, ready.Message));
    }

    [Fact]
    public async Task Rights_come_with_a_plugin_and_go_with_it()
    {
        await _fixture.StartAsync(HostFixture.Slot("scheduler", "scheduler-fixture"));
        Assert.Equal(AuthorizationDecision.Allow, await DecisionAsync());

        await _fixture.Host.RemoveAsync("scheduler", CancellationToken.None);
        Assert.Equal(AuthorizationDecision.NoOpinion, await DecisionAsync());
        Assert.Empty(_fixture.Host.Statuses);
    }

    private async Task<AuthorizationDecision> DecisionAsync() => (await _fixture.Permissions.AuthorizeAsync(
        new AuthorizationRequest { User = PluginUser.Of("scheduler"), Verb = "list", Resource = "pods" }, CancellationToken.None)).Decision;

    [Fact]
    public async Task An_exception_that_no_plugin_began_is_not_contained()
    {
        await _fixture.StartAsync(HostFixture.Slot("scheduler", "scheduler-fixture"));
        using var scheduler = _fixture.Scheduler.Acquire();
        var thrown = await Assert.ThrowsAsync<NotSupportedException>(async () => await scheduler.Value.OpenAsync(new SchedulingSessionOptions(), CancellationToken.None));
        Assert.False(_fixture.Host.Contains(thrown));
        Assert.False(_fixture.Host.Contains(new InvalidOperationException("never thrown")));
    }
}
