using Modular.Abstractions;

namespace Modular.Plugins.RuntimeSimulated.Tests;

public sealed class LifeTests : IDisposable
{
    private const string Lives = """
        {"lives": [
            {"selector": {"app": "slow"}, "state": "Running", "afterSeconds": 5},
            {"selector": {"app": "job"}, "container": "other", "state": "Exited", "exitCode": 9},
            {"selector": {"app": "job"}, "state": "Exited", "afterSeconds": 60, "exitCode": 4}
        ]}
        """;

    private readonly RuntimeFixture _fixture = new(Lives);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task A_container_ends_when_its_rule_says_so_and_not_before()
    {
        await _fixture.MakeAsync("batch", "job");
        await _fixture.Runtime.StartContainerAsync("batch", Token);
        _fixture.Time.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal(ContainerPhase.Running, (await _fixture.FindAsync("batch")).Phase);

        _fixture.Time.Advance(TimeSpan.FromSeconds(1));
        var ended = await _fixture.FindAsync("batch");
        Assert.Equal((ContainerPhase.Exited, 4, "Error"), (ended.Phase, ended.ExitCode, ended.Reason));
        Assert.Equal(TimeSpan.FromSeconds(60), ended.FinishedAt - ended.StartedAt);
    }

    [Fact]
    public async Task A_container_takes_as_long_to_start_as_its_rule_says()
    {
        await _fixture.MakeAsync("sleepy", "slow");
        var starting = _fixture.Runtime.StartContainerAsync("sleepy", Token).AsTask();
        _fixture.Time.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal(ContainerPhase.Created, (await _fixture.FindAsync("sleepy")).Phase);

        _fixture.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(ContainerPhase.Running, (await starting).Phase);
    }

    [Fact]
    public async Task A_container_without_a_rule_runs_for_ever()
    {
        await _fixture.MakeAsync("web", "web");
        await _fixture.Runtime.StartContainerAsync("web", Token);
        _fixture.Time.Advance(TimeSpan.FromDays(365));
        Assert.Equal(ContainerPhase.Running, (await _fixture.FindAsync("web")).Phase);
    }

    [Fact]
    public async Task A_life_goes_on_with_the_next_instance()
    {
        await _fixture.MakeAsync("batch", "job");
        await _fixture.Runtime.StartContainerAsync("batch", Token);
        _fixture.Time.Advance(TimeSpan.FromSeconds(50));
        _fixture.Restart(Lives);
        Assert.Equal(ContainerPhase.Running, (await _fixture.FindAsync("batch")).Phase);

        _fixture.Time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal((ContainerPhase.Exited, 4), ((await _fixture.FindAsync("batch")).Phase, (await _fixture.FindAsync("batch")).ExitCode));
    }

    [Fact]
    public async Task What_was_due_while_no_instance_ran_has_happened_for_the_next()
    {
        await _fixture.MakeAsync("batch", "job");
        await _fixture.Runtime.StartContainerAsync("batch", Token);
        _fixture.Restart("{}");
        _fixture.Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(ContainerPhase.Running, (await _fixture.FindAsync("batch")).Phase);

        _fixture.Restart(Lives);
        Assert.Equal((ContainerPhase.Exited, 4), ((await _fixture.FindAsync("batch")).Phase, (await _fixture.FindAsync("batch")).ExitCode));
    }

    [Fact]
    public async Task An_end_that_cannot_be_recorded_comes_when_it_can()
    {
        await _fixture.MakeAsync("batch", "job");
        await _fixture.Runtime.StartContainerAsync("batch", Token);
        var sandboxes = Path.Combine(_fixture.State, "sandboxes");
        Directory.Move(sandboxes, sandboxes + ".away");
        await File.WriteAllTextAsync(sandboxes, "in the way", Token);
        _fixture.Time.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal(ContainerPhase.Running, (await _fixture.FindAsync("batch")).Phase);

        File.Delete(sandboxes);
        _fixture.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal((ContainerPhase.Exited, 4), ((await _fixture.FindAsync("batch")).Phase, (await _fixture.FindAsync("batch")).ExitCode));
    }

    [Fact]
    public async Task A_start_is_a_line_in_the_log()
    {
        var container = await _fixture.MakeAsync("web", "web");
        await _fixture.Runtime.StartContainerAsync("web", Token);
        await _fixture.Runtime.StartContainerAsync("web", Token);
        var line = Assert.Single(await File.ReadAllLinesAsync(container.LogPath, Token));
        Assert.Equal("2030-01-01T00:00:00.0000000+00:00 stdout F main was started (attempt 0); it is simulated", line);
    }

    [Fact]
    public async Task Addresses_are_of_the_range_each_given_once_and_given_back()
    {
        const string small = """{"addressRange": "127.9.9.0/30"}""";
        _fixture.Restart(small);
        foreach (var name in (string[])["a", "b", "c"])
        {
            await _fixture.MakeAsync(name, "web");
        }

        _fixture.Restart(small);
        Assert.Equal(
            ["127.9.9.1", "127.9.9.2", "127.9.9.3"], (await _fixture.Runtime.ListAsync(Token)).Sandboxes.SelectMany(sandbox => sandbox.Addresses).Order());
        Assert.Equal("AddressesExhausted", (await Assert.ThrowsAsync<RuntimeException>(() => _fixture.MakeAsync("d", "web"))).Reason);
        await _fixture.Runtime.StopSandboxAsync("pod-b", Token);
        await _fixture.MakeAsync("d", "web");
    }

    [Fact]
    public async Task A_record_that_cannot_be_read_is_set_aside()
    {
        await _fixture.MakeAsync("whole", "web");
        var broken = Path.Combine(_fixture.State, "sandboxes", "broken.json");
        await File.WriteAllTextAsync(broken, "{", Token);
        _fixture.Restart(Lives);
        Assert.Equal("pod-whole", Assert.Single((await _fixture.Runtime.ListAsync(Token)).Sandboxes).Id);
        Assert.True(File.Exists(broken + ".bad"));
    }
}
