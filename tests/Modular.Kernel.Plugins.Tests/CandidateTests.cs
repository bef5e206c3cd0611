using System.Text.Json.Nodes;

namespace Modular.Kernel.Plugins.Tests;

/// <summary>Plugins that are tried beside the one that provides their contract.</summary>
public sealed class CandidateTests : IAsyncDisposable
{
    private static readonly Trial Shadow = new(TrialMode.Shadow);

    private readonly HostFixture _fixture = new();
    private readonly CandidateHandle<IScheduler> _candidates;

    public CandidateTests()
    {
        _candidates = _fixture.Contracts.Candidates<IScheduler>();
        _fixture.Installed.Install("scheduler-fixture");
        _fixture.Installed.Install("scheduler-fixture-v2");
    }

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task A_candidate_runs_beside_the_provider_and_provides_nothing()
    {
        await _fixture.StartAsync(
            HostFixture.Slot("scheduler", "scheduler-fixture", version: "1.0.0"),
            HostFixture.Slot("try", "scheduler-fixture", version: "2.0.0") with { Trial = new Trial(TrialMode.Canary) { Selector = "app=web", Share = 20 } });

        using var provider = _fixture.Scheduler.Acquire();
        Assert.Equal("scheduler", provider.Provider.Name);
        Assert.Single(_fixture.Scheduler.AcquireAll()).Dispose();
        using var candidate = Assert.Single(_candidates.AcquireAll());
        Assert.Equal(("try", "2.0.0"), (candidate.Provider.Name, candidate.Provider.Version));
        Assert.Equal(new Trial(TrialMode.Canary) { Selector = "app=web", Share = 20 }, candidate.Trial);
        Assert.Equal(PluginPhase.Running, _fixture.Status("try").Phase);
    }

    [Fact]
    public async Task Without_a_provider_a_candidate_is_no_stand_in()
    {
        await _fixture.StartAsync(HostFixture.Slot("try", "scheduler-fixture") with { Trial = Shadow });
        Assert.False(_fixture.Scheduler.IsAvailable);
        Assert.Single(_candidates.AcquireAll()).Dispose();
    }

    [Fact]
    public async Task A_trial_can_be_given_to_the_role_and_taken_from_it()
    {
        await _fixture.StartAsync(HostFixture.Slot("scheduler", "scheduler-fixture"));
        var generation = _candidates.Generation;
        await _fixture.Host.ApplyAsync(HostFixture.Slot("scheduler", "scheduler-fixture") with { Trial = Shadow }, CancellationToken.None);
        Assert.False(_fixture.Scheduler.IsAvailable);
        await _candidates.WaitForChangeAsync(generation, CancellationToken.None);
        Assert.Single(_candidates.AcquireAll()).Dispose();

        await _fixture.Host.ApplyAsync(HostFixture.Slot("scheduler", "scheduler-fixture"), CancellationToken.None);
        Assert.True(_fixture.Scheduler.IsAvailable);
        Assert.Empty(_candidates.AcquireAll());
    }

    [Fact]
    public async Task A_role_is_not_tried_for_itself()
    {
        await _fixture.StartAsync(HostFixture.Slot("scheduler", "scheduler-fixture"));
        var status = await _fixture.Host.ApplyAsync(HostFixture.Slot("scheduler", "scheduler-fixture") with { Trial = Shadow with { Role = "scheduler" } }, CancellationToken.None);
        Assert.EndsWith("scheduler can't be tried for itself; give the candidate a name of its own", status.Condition(PluginConditions.Degraded)!.Message, StringComparison.Ordinal);
        Assert.True(_fixture.Scheduler.IsAvailable);
        Assert.Empty(_candidates.AcquireAll());
    }

    [Fact]
    public async Task A_candidate_that_would_provide_beside_a_provider_is_refused_and_goes_on_as_candidate()
    {
        await _fixture.StartAsync(
            HostFixture.Slot("scheduler", "scheduler-fixture", version: "1.0.0"), HostFixture.Slot("try", "scheduler-fixture", version: "2.0.0") with { Trial = Shadow });
        var status = await _fixture.Host.ApplyAsync(HostFixture.Slot("try", "scheduler-fixture", version: "2.0.0"), CancellationToken.None);
        Assert.Contains("both provide modular.scheduler", status.Condition(PluginConditions.Degraded)!.Message, StringComparison.Ordinal);
        using var provider = _fixture.Scheduler.Acquire();
        Assert.Equal("scheduler", provider.Provider.Name);
        Assert.Single(_candidates.AcquireAll()).Dispose();
    }

    [Fact]
    public async Task What_nobody_tries_is_no_candidate()
    {
        _fixture.Installed.Install("scheduler-fixture", manifest =>
        {
            manifest["id"] = "name-server";
            manifest["provides"] = JsonNode.Parse("""[{ "contract": "modular.dns", "range": "[0.1.0,0.2.0)" }]""");
        });
        await _fixture.StartAsync(HostFixture.Slot("try", "name-server") with { Trial = Shadow });
        var failed = _fixture.Status("try");
        Assert.Equal(PluginPhase.Failed, failed.Phase);
        Assert.Equal(
            "name-server can't be tried beside another: modular.dns has no trials; take trial out of its spec, or use a plugin of modular.scheduler",
            failed.Condition(PluginConditions.Resolved)!.Message);
    }

    [Theory]
    [InlineData("scheduler", "")]
    [InlineData("names", "scheduler-fixture can't be tried for names: scheduler-fixture does not provide modular.dns, as name-server does; use a plugin of the same role")]
    [InlineData("shedular", "there is no role shedular here to try scheduler-fixture for; name a role that 'modular plugins ls' lists")]
    [InlineData("other", "there is no role other here to try scheduler-fixture for; name a role that 'modular plugins ls' lists")]
    public async Task A_candidate_is_tried_for_the_role_it_can_fill(string role, string problem)
    {
        _fixture.Installed.Install("scheduler-fixture", manifest =>
        {
            manifest["id"] = "name-server";
            manifest["provides"] = JsonNode.Parse("""[{ "contract": "modular.dns", "range": "[0.1.0,0.2.0)" }]""");
        });
        await _fixture.StartAsync(
            HostFixture.Slot("scheduler", "scheduler-fixture", version: "1.0.0"),
            HostFixture.Slot("names", "name-server"),
            HostFixture.Slot("other", "scheduler-fixture") with { Trial = Shadow },
            HostFixture.Slot("try", "scheduler-fixture", version: "2.0.0") with { Trial = Shadow with { Role = role } });
        var status = _fixture.Status("try");
        Assert.Equal(problem.Length == 0, status.Phase == PluginPhase.Running);
        Assert.Equal(problem, status.Conditions.Where(c => c.Type is PluginConditions.Resolved or PluginConditions.Blocked).Select(c => c.Message).FirstOrDefault(m => m.Length > 0) ?? "");
    }

    [Fact]
    public async Task What_the_user_reports_shows_until_the_next_instance()
    {
        await _fixture.StartAsync(HostFixture.Slot("try", "scheduler-fixture", version: "1.0.0") with { Trial = Shadow });
        using (var candidate = Assert.Single(_candidates.AcquireAll()))
        {
            candidate.Report(new JsonObject { ["pods"] = 3 });
            Assert.Equal(3, (int)_fixture.Status("try").TrialReport!["pods"]!);
        }

        await _fixture.Host.ApplyAsync(HostFixture.Slot("try", "scheduler-fixture", version: "2.0.0") with { Trial = Shadow }, CancellationToken.None);
        Assert.Null(_fixture.Status("try").TrialReport);
    }

    [Fact]
    public async Task A_rejected_candidate_is_stopped_and_says_why_and_can_be_tried_again()
    {
        var slot = HostFixture.Slot("try", "scheduler-fixture") with { Trial = Shadow };
        await _fixture.StartAsync(HostFixture.Slot("scheduler", "scheduler-fixture"), slot);
        using (var candidate = Assert.Single(_candidates.AcquireAll()))
        {
            candidate.Reject("Stalled", "it never answered");
            candidate.Reject("Stalled", "it never answered, again");
        }

        await UntilAsync(() => _fixture.Status("try").IsRolledBack);
        var status = _fixture.Status("try");
        Assert.Equal(PluginPhase.Failed, status.Phase);
        Assert.Equal(("Stalled", "it never answered"), (status.Condition(PluginConditions.RolledBack)!.Reason, status.Condition(PluginConditions.RolledBack)!.Message));
        Assert.Equal("RolledBack", status.Condition(PluginConditions.Ready)!.Reason);
        Assert.Equal(["2.0.0 stop Failed", "2.0.0 dispose"], _fixture.Steps("try")[^2..]);
        Assert.Empty(_candidates.AcquireAll());
        Assert.True(_fixture.Scheduler.IsAvailable);

        // Nothing but a wish of its own brings it back.
        await _fixture.Host.ApplyAsync(HostFixture.Slot("scheduler", "scheduler-fixture", version: "1.0.0"), CancellationToken.None);
        Assert.Empty(_candidates.AcquireAll());
        await _fixture.Host.ApplyAsync(slot with { Enabled = false }, CancellationToken.None);
        Assert.True(_fixture.Status("try").IsRolledBack);
        await _fixture.Host.ApplyAsync(slot, CancellationToken.None);
        Assert.False(_fixture.Status("try").IsRolledBack);
        Assert.Single(_candidates.AcquireAll()).Dispose();
    }

    [Fact]
    public async Task A_rejection_that_comes_after_the_exchange_hits_nobody()
    {
        var slot = HostFixture.Slot("try", "scheduler-fixture", version: "1.0.0") with { Trial = Shadow };
        await _fixture.StartAsync(slot);
        var old = Assert.Single(_candidates.AcquireAll());
        var exchange = _fixture.Host.ApplyAsync(slot with { Version = "2.0.0" }, CancellationToken.None);
        old.Reject("Stalled", "it never answered");
        old.Dispose();
        await exchange;
        // Changes are carried out one after another: the rejection was before this one.
        await _fixture.Host.ApplyAsync(HostFixture.Slot("scheduler", "scheduler-fixture"), CancellationToken.None);
        Assert.Equal(PluginPhase.Running, _fixture.Status("try").Phase);
        Assert.Equal("2.0.0", _fixture.Status("try").Version);
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
        {
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }
    }
}
