using System.Diagnostics;
using System.Globalization;
using Grpc.Core;
using Modular.Abstractions;
using Modular.PluginLoader;
using Modular.PluginProcess.Contracts;
using Modular.Testing;

namespace Modular.PluginProcess.Tests;

/// <summary>What is particular to a container runtime in a process of its own: what must not end with it, and what must not be cut short or held up.</summary>
public sealed class RuntimeProcessTests : IAsyncLifetime
{
    private RuntimeUnderTest? _test;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private IContainerRuntime Runtime => _test!.Plugin.Runtime;

    private IContainerStreams Streams => (IContainerStreams)Runtime;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _test?.DisposeAsync() ?? ValueTask.CompletedTask;

    [Fact]
    public async Task Containers_outlive_the_process_and_share_none_of_its_limits()
    {
        _test = await RuntimeUnderTest.StartAsync(isProcess: true, new PluginLimits { Memory = 512 << 20 });
        var before = await RunAsync("exec sleep 1000");
        await using var open = await Streams.ExecAsync(new ExecRequest { ContainerId = before.Id, Command = ["sleep", "1000"] }, Token);
        foreach (var pid in (int[])[before.Pid, _test.Supervisor!.Pid])
        {
            Assert.Equal("0", (await File.ReadAllTextAsync($"/proc/{pid}/oom_score_adj", Token)).Trim());
            Assert.Matches("Max data size +unlimited", await File.ReadAllTextAsync($"/proc/{pid}/limits", Token));
        }

        Assert.Matches("Max data size +536870912", await File.ReadAllTextAsync($"/proc/{_test.Plugin.Pid}/limits", Token));
        for (var round = 0; round < 2; round++)
        {
            var killed = _test.Plugin.Pid;
            using (var process = Process.GetProcessById(killed))
            {
                process.Kill();
            }

            await _test.Plugin.UntilReplacedAsync(killed);
        }

        Assert.Equal("StreamLost", (await Assert.ThrowsAsync<RuntimeException>(() => open.Completion)).Reason);
        var state = await Runtime.ListAsync(Token);
        Assert.Equal(before, Assert.Single(state.Containers) with { Labels = before.Labels });
        Assert.Equal(0, (await RunCommandAsync(before.Id, "true")).Code);
    }

    [Fact]
    public async Task A_runtime_that_is_away_refuses()
    {
        _test = await RuntimeUnderTest.StartAsync(isProcess: true);
        await _test.Plugin.StopAsync();
        Assert.Equal("RuntimeUnavailable", (await Assert.ThrowsAsync<RuntimeException>(async () => await Runtime.ListAsync(Token))).Reason);
        Assert.Equal("RuntimeUnavailable", (await Assert.ThrowsAsync<RuntimeException>(async () => await Runtime.StopContainerAsync("c", TimeSpan.Zero, Token))).Reason);
        var exec = new ExecRequest { ContainerId = "c", Command = ["true"] };
        Assert.Equal("RuntimeUnavailable", (await Assert.ThrowsAsync<RuntimeException>(async () => await Streams.ExecAsync(exec, Token))).Reason);
        await using var events = Runtime.WatchAsync(0, Token).GetAsyncEnumerator(Token);
        Assert.Equal("RuntimeUnavailable", (await Assert.ThrowsAsync<RuntimeException>(async () => await events.MoveNextAsync())).Reason);
    }

    [Fact]
    public async Task A_grace_may_be_longer_than_a_call()
    {
        _test = await RuntimeUnderTest.StartAsync(isProcess: true, change: options => options with { CallTimeout = TimeSpan.FromSeconds(5) });
        var container = await RunAsync("trap '' TERM; echo deaf; while true; do sleep 1; done");
        await Eventually.Holds(() => File.ReadAllText(container.LogPath).Contains("deaf", StringComparison.Ordinal), "the container is deaf");
        await Runtime.StopContainerAsync(container.Id, TimeSpan.FromSeconds(6), Token);
        Assert.False(Directory.Exists($"/proc/{container.Pid}"));
    }

    [Fact]
    public async Task Commands_that_stand_still_hold_up_nobody_else()
    {
        _test = await RuntimeUnderTest.StartAsync(isProcess: true);
        var container = await RunAsync("exec sleep 1000");
        var still = new List<IContainerSession>();
        var sending = new List<Task>();
        for (var i = 0; i < 4; i++)
        {
            // More than pipes and windows hold, to one that does not read; and one that nobody reads.
            var deaf = await Streams.ExecAsync(new ExecRequest { ContainerId = container.Id, Command = ["sleep", "1000"], Stdin = true }, Token);
            sending.Add(deaf.Input!.WriteAsync(new byte[4 << 20], Token).AsTask());
            still.Add(deaf);
            still.Add(await Streams.ExecAsync(new ExecRequest { ContainerId = container.Id, Command = ["yes"] }, Token));
        }

        var (code, output) = await RunCommandAsync(container.Id, "head", "-c", "3000000", "/dev/zero");
        Assert.Equal(0, code);
        Assert.Equal(3_000_000, output);
        Assert.All(sending, task => Assert.False(task.IsCompleted, "a command that does not read its input holds up who writes it"));
        foreach (var session in still)
        {
            await session.DisposeAsync();
        }

        await Task.WhenAll(sending);
        await Eventually.Holds(() => CommandsOf(container.Id) == 1, "the commands have ended");
    }

    [Fact]
    public void A_plugin_without_the_feature_has_no_streams()
    {
        using var channel = PluginChannel.Open("/nowhere");
        var plugin = new RemotePlugin(new PluginIdentity("runtime", "runtime", "1.0.0", 1), channel.CreateCallInvoker(), TimeSpan.FromSeconds(1), () => 1);
        Assert.False(RemoteContainerRuntime.Of(plugin) is IContainerStreams);
        Assert.True(RemoteContainerRuntime.Of(plugin with { Features = ["Modular.Abstractions.IContainerStreams"] }) is IContainerStreams);
    }

    private async Task<ContainerState> RunAsync(string script)
    {
        await Runtime.EnsureSandboxAsync(new SandboxSpec { Id = "pod", PodName = "pod", PodNamespace = "default", PodUid = "pod" }, Token);
        var spec = new ContainerSpec
        {
            // Its processes are found by it, on a machine with others.
            Id = $"pod-{Guid.NewGuid():N}",
            SandboxId = "pod",
            Name = "main",
            Image = "host",
            Command = ["/bin/sh", "-c", script],
            LogPath = Path.Combine(_test!.Plugin.Context.DataDirectory, "main.log"),
        };
        await Runtime.EnsureContainerAsync(spec, Token);
        return await Runtime.StartContainerAsync(spec.Id, Token);
    }

    private async Task<(int Code, int Output)> RunCommandAsync(string container, params string[] command)
    {
        await using var session = await Streams.ExecAsync(new ExecRequest { ContainerId = container, Command = command }, Token);
        using var output = new MemoryStream();
        await session.Output.CopyToAsync(output, Token);
        return (await session.Completion, (int)output.Length);
    }

    private static int CommandsOf(string container) => Directory.GetDirectories("/proc")
        .Where(directory => int.TryParse(Path.GetFileName(directory), CultureInfo.InvariantCulture, out _))
        .Count(directory => HasMark(directory, container));

    private static bool HasMark(string process, string container)
    {
        try
        {
            return File.ReadAllText($"{process}/environ").Split('\0').Contains($"MODULAR_CONTAINER_ID={container}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
