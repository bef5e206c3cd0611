using System.Net.Sockets;
using Modular.Abstractions;
using Modular.RuntimeNative.Protocol;

namespace Modular.Plugins.RuntimeNative.Tests;

public sealed class RecoveryTests : IAsyncLifetime
{
    private readonly SupervisorFixture _fixture = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task Containers_outlive_their_host_and_what_they_said_and_how_they_ended_is_known_to_the_next()
    {
        var go = Path.Combine(_fixture.Root, "go");
        var id = await _fixture.StartAsync($"echo before; while [ ! -e {go} ]; do sleep 0.02; done; echo after; exit 9");
        var before = await _fixture.FindAsync(id);
        var supervisor = _fixture.Supervisor;
        _fixture.DropHosts();
        await File.WriteAllTextAsync(go, "", Token);

        var next = _fixture.Connect();
        var ended = await _fixture.WaitExitAsync(id, next);
        Assert.Equal(9, ended.ExitCode);
        Assert.Equal(before.StartedAt, ended.StartedAt);
        Assert.Equal(supervisor, _fixture.Supervisor);
        var contents = (await File.ReadAllLinesAsync(_fixture.LogPath(id), Token)).Select(line => line.Split(' ', 4)[3]);
        Assert.Equal(["before", "after"], contents);
    }

    [Fact]
    public async Task Containers_of_a_killed_supervisor_are_ended_and_reported_as_unknown()
    {
        var pids = Path.Combine(_fixture.Root, "pids");
        var lost = await _fixture.StartAsync($"setsid sleep 1000 & echo $! > {pids}; sleep 1000");
        var known = await _fixture.StartAsync("exit 4");
        await _fixture.WaitExitAsync(known);
        await SupervisorFixture.WaitForFileAsync(pids);
        var process = SupervisorFixture.Identity((await _fixture.FindAsync(lost)).Pid)!.Value;
        var position = (await _fixture.Runtime.ListAsync(Token)).Position;
        var address = (await _fixture.Runtime.ListAsync(Token)).Sandboxes.Single().Addresses;
        var supervisor = _fixture.Supervisor;

        SupervisorFixture.Signal(supervisor.Pid, "KILL");
        await SupervisorFixture.WaitDeadAsync(supervisor);
        var state = await _fixture.Runtime.ListAsync(Token);

        Assert.NotEqual(supervisor, _fixture.Supervisor);
        var unknown = state.Containers.Single(container => container.Id == lost);
        Assert.Equal((ContainerPhase.Exited, 137, "ContainerStatusUnknown"), (unknown.Phase, unknown.ExitCode, unknown.Reason));
        Assert.Equal(4, state.Containers.Single(container => container.Id == known).ExitCode);
        Assert.Equal(address, state.Sandboxes.Single().Addresses);
        await SupervisorFixture.WaitDeadAsync(process);
        if (SupervisorFixture.Identity(int.Parse(await File.ReadAllTextAsync(pids, Token), System.Globalization.CultureInfo.InvariantCulture)) is { } child)
        {
            await SupervisorFixture.WaitDeadAsync(child);
        }

        await foreach (var entry in _fixture.Runtime.WatchAsync(position, Token))
        {
            Assert.Equal(RuntimeEventType.Resync, entry.Type);
            break;
        }
    }

    [Fact]
    public async Task A_supervisor_that_dies_while_it_is_greeted_is_replaced()
    {
        var path = Path.Combine(_fixture.State, "supervisor.sock");
        Directory.CreateDirectory(_fixture.State);
        using var dying = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        dying.Bind(new UnixDomainSocketEndPoint(path));
        dying.Listen();
        var asked = _fixture.Runtime.ListAsync(Token);
        using (var connection = await dying.AcceptAsync(Token))
        {
            // Closing with the greeting unread resets the connection, as a killed process does.
            await connection.ReceiveAsync(Memory<byte>.Empty, Token);
            dying.Close();
            File.Delete(path);
        }

        Assert.Empty((await asked).Sandboxes);
        Assert.True(_fixture.Supervisor.Pid > 0);
    }

    [Fact]
    public async Task A_connection_that_takes_nothing_more_is_given_up_though_nobody_has_closed_it()
    {
        var path = Path.Combine(_fixture.State, "supervisor.sock");
        using var dying = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        dying.Bind(new UnixDomainSocketEndPoint(path));
        dying.Listen();
        var greeting = _fixture.Runtime.GetInfoAsync(Token).AsTask();
        using var connection = await dying.AcceptAsync(Token);
        var wire = new Wire(connection);
        for (var asked = 0; asked < 2; asked++)
        {
            // The greeting of the connection itself, then the question.
            var request = await wire.ReadAsync(ProtocolJson.Default.Request, Token);
            var hello = new HelloRecord(ProtocolVersion.Current, "test", "test", 0);
            await wire.WriteAsync(new Response { Id = request!.Id, Hello = hello }, ProtocolJson.Default.Response, Token);
        }

        Assert.Equal("test", (await greeting).InstanceId);
        connection.Shutdown(SocketShutdown.Receive);
        dying.Close();
        File.Delete(path);

        Assert.Empty((await _fixture.Runtime.ListAsync(Token)).Sandboxes);
        Assert.True(_fixture.Supervisor.Pid > 0);
    }

    [Fact]
    public async Task A_supervisor_that_breaks_every_connection_is_an_error_of_the_runtime()
    {
        using var breaking = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        breaking.Bind(new UnixDomainSocketEndPoint(Path.Combine(_fixture.State, "supervisor.sock")));
        breaking.Listen();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var breakingAll = BreakAllAsync();

        var listing = await Assert.ThrowsAsync<RuntimeException>(async () => await _fixture.Runtime.ListAsync(Token));
        var running = await Assert.ThrowsAsync<RuntimeException>(
            async () => await _fixture.Runtime.ExecAsync(new ExecRequest { ContainerId = "any", Command = ["true"] }, Token));

        Assert.Equal(("SupervisorNotRunning", "SupervisorNotRunning"), (listing.Reason, running.Reason));
        await stop.CancelAsync();
        await breakingAll;

        async Task BreakAllAsync()
        {
            try
            {
                while (true)
                {
                    using var connection = await breaking.AcceptAsync(stop.Token);
                    await connection.ReceiveAsync(Memory<byte>.Empty, stop.Token);
                }
            }
            catch (OperationCanceledException)
            {
                // The test has seen enough.
            }
        }
    }

    [Fact]
    public async Task Being_told_to_end_ends_the_containers_and_leaves_their_exit_codes()
    {
        var ready = Path.Combine(_fixture.Root, "ready");
        var id = await _fixture.StartAsync($"trap 'exit 6' TERM; echo > {ready}; while :; do sleep 0.02; done");
        var supervisor = _fixture.Supervisor;
        await SupervisorFixture.WaitForFileAsync(ready);
        SupervisorFixture.Signal(supervisor.Pid, "TERM");
        await SupervisorFixture.WaitDeadAsync(supervisor);
        Assert.False(File.Exists(Path.Combine(_fixture.State, "supervisor.pid")));
        Assert.Equal(6, (await _fixture.FindAsync(id)).ExitCode);
    }

    [Fact]
    public async Task Two_hosts_at_once_start_one_supervisor()
    {
        var hosts = Enumerable.Range(0, 4).Select(_ => _fixture.Connect()).ToArray();
        var infos = await Task.WhenAll(hosts.Select(host => host.GetInfoAsync(Token).AsTask()));
        Assert.Single(infos.Select(info => info.InstanceId).Distinct());
    }
}
