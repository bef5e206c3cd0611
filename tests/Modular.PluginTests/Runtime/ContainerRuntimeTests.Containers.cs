using Modular.Abstractions;

namespace Modular.PluginTests;

/// <content>How containers and sandboxes end, and what is left of them.</content>
public abstract partial class ContainerRuntimeTests
{
    /// <summary>How a container ended is known until it is removed, and it is not started again.</summary>
    [Fact]
    public async Task AnEndIsKept()
    {
        foreach (var (id, code, reason) in ((string, int, string)[])[("well", 0, "Completed"), ("badly", 3, "Error")])
        {
            await StartContainerAsync(id, Ending(code));
            var ended = await ExitedAsync(id);
            Assert.Equal((code, reason, 0), (ended.ExitCode, ended.Reason, ended.Pid));
            Assert.True(ended.FinishedAt >= ended.StartedAt);
            Assert.Equal(ContainerPhase.Exited, (await Runtime.StartContainerAsync(Id(id), Token)).Phase);
            Assert.Equal((ended.FinishedAt, code), ((await FindAsync(id)).FinishedAt, (await FindAsync(id)).ExitCode));
        }
    }

    /// <summary>A container is told to end, and killed if it does not or has no time to; when the call returns it has ended.</summary>
    [Fact]
    public async Task AGraceIsGivenButNotMore()
    {
        await StartContainerAsync("polite", Lasting);
        await Runtime.StopContainerAsync(Id("polite"), LongGrace, Token);
        Assert.Equal((ContainerPhase.Exited, 143), Brief(await FindAsync("polite")));
        await StartContainerAsync("surprised", Lasting);
        await Runtime.StopContainerAsync(Id("surprised"), TimeSpan.Zero, Token);
        Assert.Equal((ContainerPhase.Exited, 137), Brief(await FindAsync("surprised")));
    }

    /// <summary>A container that does not listen is killed after its grace.</summary>
    [Fact]
    public async Task AContainerThatDoesNotListenIsKilled()
    {
        NeedsCommands();
        var spec = await StartContainerAsync("deaf", Deaf("ready"));
        await LogAsync(spec, "ready");
        await Runtime.StopContainerAsync(Id("deaf"), TimeSpan.FromMilliseconds(100), Token);
        Assert.Equal((ContainerPhase.Exited, 137), Brief(await FindAsync("deaf")));
    }

    /// <summary>A sandbox takes its containers along, when it is stopped and when it is removed.</summary>
    [Fact]
    public async Task ASandboxTakesItsContainersAlong()
    {
        await StartContainerAsync("one", Lasting);
        await StartContainerAsync("two", Lasting);
        await Runtime.StopSandboxAsync(Id("pod"), Token);
        var state = await Runtime.ListAsync(Token);
        Assert.Equal([ContainerPhase.Exited, ContainerPhase.Exited], state.Containers.Select(container => container.Phase));
        Assert.False(Assert.Single(state.Sandboxes).Running);
        await Runtime.RemoveSandboxAsync(Id("pod"), Token);
        state = await Runtime.ListAsync(Token);
        Assert.Empty(state.Containers);
        Assert.Empty(state.Sandboxes);
    }

    /// <summary>What runs is not forgotten.</summary>
    [Fact]
    public async Task WhatRunsIsNotRemoved()
    {
        await StartContainerAsync("main", Lasting);
        await RefusedAsync(() => Runtime.RemoveContainerAsync(Id("main"), Token).AsTask());
        await RefusedAsync(() => Runtime.RemoveSandboxAsync(Id("pod"), Token).AsTask());
        Assert.Equal(ContainerPhase.Running, (await FindAsync("main")).Phase);
    }

    /// <summary>The next instance finds what the one before left, as it is by then, and goes on with it.</summary>
    [Fact]
    public async Task AnotherInstanceGoesOn()
    {
        await StartContainerAsync("running", Lasting);
        await StartContainerAsync("exited", Ending(3));
        await ExitedAsync("exited");
        var before = await Runtime.ListAsync(Token);
        _runtime = await RestartAsync();
        var after = await Runtime.ListAsync(Token);
        Assert.Equal(before.Sandboxes.Select(sandbox => (sandbox.Id, sandbox.Running)), after.Sandboxes.Select(sandbox => (sandbox.Id, sandbox.Running)));
        Assert.Equal(
            before.Containers.Select(container => (container.Id, container.Phase, container.Pid, container.StartedAt, container.ExitCode)).Order(),
            after.Containers.Select(container => (container.Id, container.Phase, container.Pid, container.StartedAt, container.ExitCode)).Order());
        await Runtime.StopContainerAsync(Id("running"), LongGrace, Token);
        Assert.Equal((ContainerPhase.Exited, 143), Brief(await FindAsync("running")));
    }
}
