using System.Text.Json.Nodes;
using Modular.PluginLoader;

namespace Modular.Kernel.Plugins.Tests;

public sealed class PluginSwapTests : IAsyncDisposable
{
    private readonly HostFixture _fixture = new();

    public PluginSwapTests()
    {
        _fixture.Installed.Install("scheduler-fixture");
        _fixture.Installed.Install("scheduler-fixture-v2");
    }

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task Handles_follow_a_swap_while_the_old_serves_those_who_hold_it()
    {
        await _fixture.StartAsync(HostFixture.Slot("scheduler", "scheduler-fixture", version: "1.0.0"));
        var lease = _fixture.Scheduler.Acquire();
        var changed = _fixture.Scheduler.WaitForChangeAsync(_fixture.Scheduler.Generation, TestContext.Current.CancellationToken);

        var swap = _fixture.Host.ApplyAsync(HostFixture.Slot("scheduler", "scheduler-fixture", version: "2.0.0"), CancellationToken.None);
        await changed;

        using (var fresh = _fixture.Scheduler.Acquire())
        {
            Assert.Equal(("2.0.0", 2), (fresh.Provider.Version, fresh.Provider.Epoch));
        }

        Assert.Equal("1.0.0", lease.Provider.Version);
        Assert.DoesNotContain("1.0.0 stop Replaced", _fixture.Steps("scheduler"));
        Assert.False(swap.IsCompleted);

        lease.Dispose();
        var status = await swap;

        Assert.Equal(("2.0.0", 2), (status.Version, status.Epoch));
        Assert.Equal(
            ["1.0.0 provision", "1.0.0 start", "2.0.0 provision", "2.0.0 start", "1.0.0 stop Replaced", "1.0.0 dispose"],
            _fixture.Steps("scheduler"));
    }

    [Fact]
    public async Task A_plugin_that_asks_for_more_than_its_role_grants_is_refused_and_the_old_one_is_kept()
    {
        _fixture.Installed.Install("scheduler-fixture", manifest => (manifest["id"], manifest["hostPrivileges"]) = ("scheduler-reaching", new JsonArray("net-admin", "sys-admin")));
        await _fixture.StartAsync(HostFixture.Slot("scheduler", "scheduler-fixture", version: "1.0.0"));
        var wanted = HostFixture.Slot("scheduler", "scheduler-reaching") with { Privileges = HostPrivileges.Of("sys-admin") };

        var status = await _fixture.Host.ApplyAsync(wanted, CancellationToken.None);

        Assert.Equal(("scheduler-fixture", PluginPhase.Running), (status.Plugin, status.Phase));
        Assert.Equal(
            "kept scheduler-fixture 1.0.0: scheduler-reaching asks for host privileges that scheduler does not grant: net-admin; grant them (--grant of 'modular plugins swap', spec.privileges, or privileges in the distribution file), or use a plugin that does without",
            status.Condition(PluginConditions.Degraded)!.Message);

        status = await _fixture.Host.ApplyAsync(wanted with { Privileges = HostPrivileges.Of("sys-admin", "net-admin", "chown") }, CancellationToken.None);

        Assert.Equal(("scheduler-reaching", PluginPhase.Running), (status.Plugin, status.Phase));
        Assert.Equal(["net-admin", "sys-admin"], status.Privileges.Names);
    }

    [Fact]
    public async Task A_lease_that_is_never_given_back_does_not_hold_a_swap_for_ever()
    {
        await _fixture.StartAsync(HostFixture.Slot("scheduler", "scheduler-fixture", version: "1.0.0"));
        using var lease = _fixture.Scheduler.Acquire();
        var changed = _fixture.Scheduler.WaitForChangeAsync(lease.Generation, TestContext.Current.CancellationToken);
        var swap = _fixture.Host.ApplyAsync(HostFixture.Slot("scheduler", "scheduler-fixture", version: "2.0.0"), CancellationToken.None);
        await changed;
        while (!swap.IsCompleted)
        {
            _fixture.Time.Advance(TimeSpan.FromSeconds(16));
            await Task.Yield();
        }

        Assert.Equal("2.0.0", (await swap).Version);
    }

    [Theory]
    [InlineData("provision", "ProvisionFailed")]
    [InlineData("start", "StartFailed")]
    public async Task A_replacement_that_fails_leaves_the_old_in_place_and_says_so(string failAt, string reason)
    {
        await _fixture.StartAsync(HostFixture.Slot("scheduler", "scheduler-fixture", version: "1.0.0"));

        var status = await _fixture.Host.ApplyAsync(HostFixture.Slot("scheduler", "scheduler-fixture", failAt, "2.0.0"), CancellationToken.None);

        Assert.Equal((PluginPhase.Running, "1.0.0"), (status.Phase, status.Version));
        var degraded = status.Condition(PluginConditions.Degraded)!;
        Assert.Equal((true, reason), (degraded.Status, degraded.Reason));
        Assert.StartsWith("kept scheduler-fixture 1.0.0: ", degraded.Message, StringComparison.Ordinal);
        using var lease = _fixture.Scheduler.Acquire();
        Assert.Equal("1.0.0", lease.Provider.Version);
    }

    [Fact]
    public async Task A_swap_to_what_is_not_installed_or_of_another_role_is_refused()
    {
        _fixture.Installed.Install("consumer-fixture");
        await _fixture.StartAsync(HostFixture.Slot("scheduler", "scheduler-fixture", version: "1.0.0"));

        var missing = await _fixture.Host.ApplyAsync(HostFixture.Slot("scheduler", "gone"), CancellationToken.None);
        Assert.Equal("NotInstalled", missing.Condition(PluginConditions.Degraded)!.Reason);

        var other = await _fixture.Host.ApplyAsync(HostFixture.Slot("scheduler", "consumer-fixture"), CancellationToken.None);
        Assert.Equal("ContractsDiffer", other.Condition(PluginConditions.Degraded)!.Reason);

        var back = await _fixture.Host.ApplyAsync(HostFixture.Slot("scheduler", "scheduler-fixture", version: "2.0.0"), CancellationToken.None);
        Assert.Equal((false, "2.0.0"), (back.Condition(PluginConditions.Degraded)!.Status, back.Version));
        // What ran before, not what was asked for in vain.
        Assert.Equal(("scheduler-fixture", "1.0.0"), (back.Previous!.Plugin, back.Previous.Version));
    }

    [Fact]
    public async Task Another_instance_of_the_same_leaves_the_way_back_as_it_is()
    {
        await _fixture.StartAsync(HostFixture.Slot("scheduler", "scheduler-fixture", version: "1.0.0"));
        await _fixture.Host.ApplyAsync(HostFixture.Slot("scheduler", "scheduler-fixture", version: "2.0.0"), CancellationToken.None);
        var again = await _fixture.Host.ApplyAsync(HostFixture.Slot("scheduler", "scheduler-fixture", version: "2.0.0") with { Instance = "again" }, CancellationToken.None);
        Assert.Equal((3, "1.0.0"), (again.Epoch, again.Previous!.Version));
    }

    [Fact]
    public async Task What_cannot_run_twice_ends_first_and_comes_back_when_its_replacement_fails()
    {
        _fixture.Installed.Install("consumer-fixture");
        _fixture.Installed.Install("consumer-fixture", m =>
        {
            m["version"] = "2.0.0";
            m.Remove("requires");
        });
        await _fixture.StartAsync(HostFixture.Slot("scheduler", "scheduler-fixture"), HostFixture.Slot("consumer", "consumer-fixture", version: "0.1.0"));

        var status = await _fixture.Host.ApplyAsync(HostFixture.Slot("consumer", "consumer-fixture", version: "2.0.0"), CancellationToken.None);

        Assert.Equal((PluginPhase.Running, "0.1.0"), (status.Phase, status.Version));
        Assert.Equal("ProvisionFailed", status.Condition(PluginConditions.Degraded)!.Reason);
        Assert.Equal(3, status.Epoch);
    }

    [Theory]
    [InlineData("", "2.0.0", "2.0.0 provision", "2.0.0 start")]
    [InlineData("start", "1.0.0", "2.0.0 provision", "2.0.0 start", "2.0.0 stop Failed", "2.0.0 dispose", "1.0.0 provision", "1.0.0 start")]
    public async Task Calls_in_what_lingers_are_not_waited_for_and_its_work_ends_first(string failAt, string runs, params string[] between)
    {
        foreach (var version in (string[])["1.0.0", "2.0.0"])
        {
            _fixture.Installed.Install(version == "1.0.0" ? "scheduler-fixture" : "scheduler-fixture-v2", manifest =>
            {
                manifest["id"] = "scheduler-stays";
                manifest["exchange"] = "after";
            });
        }

        var slot = HostFixture.Slot("scheduler", "scheduler-stays", version: "1.0.0") with { Configuration = new JsonObject { ["lingers"] = true } };
        await _fixture.StartAsync(slot);
        using var lease = _fixture.Scheduler.Acquire();

        var status = await _fixture.Host.ApplyAsync(HostFixture.Slot("scheduler", "scheduler-stays", failAt, "2.0.0"), CancellationToken.None);

        Assert.Equal((PluginPhase.Running, runs), (status.Phase, status.Version));
        Assert.Equal(["1.0.0 provision", "1.0.0 start", "1.0.0 stop Replaced", .. between, "1.0.0 dispose"], _fixture.Steps("scheduler"));
        using var fresh = _fixture.Scheduler.Acquire();
        Assert.Equal(runs, fresh.Provider.Version);
    }

    [Theory]
    [InlineData("consumer-fixture", "beside", true)]
    [InlineData("consumer-fixture", "by-contract", false)]
    [InlineData("scheduler-fixture", "by-contract", true)]
    [InlineData("scheduler-fixture", "after", false)]
    public void A_manifest_says_how_a_plugin_takes_over(string fixture, string exchange, bool beside)
    {
        var folder = _fixture.Installed.Install(fixture, manifest =>
        {
            manifest["id"] = "exchanged";
            manifest["exchange"] = exchange;
        });
        var manifest = PluginManifestReader.ReadFile(Path.Combine(folder, PluginManifestReader.FileName));
        Assert.Equal(beside, PluginSwap.RunsBeside(manifest, manifest));
        // Nor beside one that must not have anybody beside it.
        Assert.False(PluginSwap.RunsBeside(manifest with { Exchange = PluginExchange.After }, manifest));
    }

    [Fact]
    public async Task What_cannot_run_twice_is_not_ended_for_one_that_can_not_be_loaded()
    {
        _fixture.Installed.Install("consumer-fixture");
        _fixture.Installed.Install("consumer-fixture", m =>
        {
            m["version"] = "2.0.0";
            m["entryType"] = "Modular.Plugins.ConsumerFixture.Gone";
        });
        await _fixture.StartAsync(HostFixture.Slot("scheduler", "scheduler-fixture"), HostFixture.Slot("consumer", "consumer-fixture", version: "0.1.0"));

        var status = await _fixture.Host.ApplyAsync(HostFixture.Slot("consumer", "consumer-fixture", version: "2.0.0"), CancellationToken.None);

        Assert.Equal((PluginPhase.Running, "0.1.0"), (status.Phase, status.Version));
        Assert.Equal("EntryTypeMissing", status.Condition(PluginConditions.Degraded)!.Reason);
        Assert.Equal(1, status.Epoch);
    }

    [Fact]
    public async Task What_could_not_come_back_is_not_ended()
    {
        var running = _fixture.Installed.Install("consumer-fixture");
        _fixture.Installed.Install("consumer-fixture", m => m["version"] = "2.0.0");
        await _fixture.StartAsync(HostFixture.Slot("scheduler", "scheduler-fixture"), HostFixture.Slot("consumer", "consumer-fixture", version: "0.1.0"));
        Directory.Delete(running, recursive: true);

        var status = await _fixture.Host.ApplyAsync(HostFixture.Slot("consumer", "consumer-fixture", version: "2.0.0"), CancellationToken.None);

        Assert.Equal((PluginPhase.Running, "0.1.0"), (status.Phase, status.Version));
        Assert.Equal("NotInstalled", status.Condition(PluginConditions.Degraded)!.Reason);
        Assert.Equal(1, status.Epoch);
    }

    [Fact]
    public async Task The_same_plugin_is_exchanged_for_a_new_instance_only_where_another_is_asked_for()
    {
        var slot = HostFixture.Slot("scheduler", "scheduler-fixture", version: "1.0.0");
        await _fixture.StartAsync(slot);
        Assert.Equal(1, (await _fixture.Host.ApplyAsync(slot with { Instance = "" }, CancellationToken.None)).Epoch);
        Assert.Equal(2, (await _fixture.Host.ApplyAsync(slot with { Instance = "b" }, CancellationToken.None)).Epoch);
        var newest = await _fixture.Host.ApplyAsync(slot with { Version = "", Instance = "c" }, CancellationToken.None);
        Assert.Equal(("2.0.0", 3), (newest.Version, newest.Epoch));
    }

    [Fact]
    public async Task A_role_can_be_emptied_and_filled_again()
    {
        await _fixture.StartAsync(HostFixture.Slot("scheduler", "scheduler-fixture", version: "1.0.0"));

        var off = await _fixture.Host.ApplyAsync(HostFixture.Slot("scheduler", "scheduler-fixture", version: "1.0.0") with { Enabled = false }, CancellationToken.None);
        Assert.Equal(PluginPhase.Stopped, off.Phase);
        Assert.Throws<ContractUnavailableException>(() => _fixture.Scheduler.Acquire());

        var on = await _fixture.Host.ApplyAsync(HostFixture.Slot("scheduler", "scheduler-fixture", version: "2.0.0"), CancellationToken.None);
        Assert.Equal((PluginPhase.Running, "2.0.0"), (on.Phase, on.Version));
    }

    [Fact]
    public async Task Swapped_out_code_leaves_the_process_every_time()
    {
        _fixture.Installed.Install("scheduler-fixture-unloadable");
        _fixture.Installed.Install("scheduler-fixture-unloadable", m => m["version"] = "2.0.0");
        await _fixture.StartAsync(HostFixture.Slot("scheduler", "scheduler-fixture-unloadable", version: "1.0.0"));
        for (var round = 0; round < 10; round++)
        {
            var status = await _fixture.Host.ApplyAsync(
                HostFixture.Slot("scheduler", "scheduler-fixture-unloadable", version: round % 2 == 0 ? "2.0.0" : "1.0.0"), CancellationToken.None);

            Assert.Equal("Unloaded", status.Condition(PluginConditions.Unloaded)!.Reason);
        }
    }
}
