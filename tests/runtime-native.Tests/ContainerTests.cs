using System.Diagnostics;
using System.Globalization;
using System.IO.Pipes;
using System.Net;
using System.Net.Sockets;
using Modular.Abstractions;

namespace Modular.Plugins.RuntimeNative.Tests;

public sealed class ContainerTests : IAsyncLifetime
{
    private readonly SupervisorFixture _fixture = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Theory]
    [InlineData("exit 0", 0, "Completed")]
    [InlineData("exit 7", 7, "Error")]
    [InlineData("kill -9 $$", 137, "Error")]
    [InlineData("kill -TERM $$", 143, "Error")]
    public async Task Exit_codes_are_reported_as_shells_do(string script, int code, string reason)
    {
        var ended = await _fixture.WaitExitAsync(await _fixture.StartAsync(script));
        Assert.Equal((code, reason), (ended.ExitCode, ended.Reason));
        Assert.NotNull(ended.StartedAt);
        Assert.NotNull(ended.FinishedAt);
    }

    [Fact]
    public async Task Every_line_of_a_fast_writer_is_in_the_log_once()
    {
        var id = await _fixture.StartAsync("seq 1 100000; seq 1 1000 >&2");
        await _fixture.WaitExitAsync(id);
        var lines = await File.ReadAllLinesAsync(_fixture.LogPath(id), Token);
        var stdout = lines.Where(line => line.Split(' ')[1] == "stdout").Select(line => line.Split(' ', 4)[3]);
        Assert.Equal(Enumerable.Range(1, 100_000).Select(number => number.ToString(CultureInfo.InvariantCulture)), stdout);
        Assert.Equal(1000, lines.Count(line => line.Split(' ')[1] == "stderr"));
        Assert.All(lines, line => Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z (stdout|stderr) F \d+$", line));
    }

    [Fact]
    public async Task Long_lines_are_split_and_an_unfinished_last_line_is_kept()
    {
        var id = await _fixture.StartAsync("head -c 40000 /dev/zero | tr '\\0' x; echo; printf end");
        await _fixture.WaitExitAsync(id);
        var lines = (await File.ReadAllLinesAsync(_fixture.LogPath(id), Token)).Select(line => line.Split(' ', 4)).ToArray();
        Assert.Equal(["P", "P", "F", "F"], lines.Select(line => line[2]));
        Assert.Equal([16384, 16384, 7232, 3], lines.Select(line => line[3].Length));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(1000)]
    public async Task A_log_is_rotated_between_lines_and_the_oldest_files_go(int files)
    {
        const int size = 4096;
        const int lines = 10_000;
        var runtime = _fixture.Connect(new NativeRuntimeOptions { ContainerLogMaxSize = size, ContainerLogMaxFiles = files });
        var spec = await _fixture.SpecAsync() with { Command = ["/bin/sh", "-c", $"n=0; while [ $n -lt {lines} ]; do n=$((n+1)); echo $n; done"] };
        await runtime.EnsureContainerAsync(spec, Token);
        await runtime.StartContainerAsync(spec.Id, Token);
        await _fixture.WaitExitAsync(spec.Id);
        string[] kept =
        [
            .. Directory.GetFiles(_fixture.Root, spec.Id + ".log.*", new EnumerationOptions()).OrderBy(path => int.Parse(Path.GetExtension(path)[1..], CultureInfo.InvariantCulture)),
            spec.LogPath,
        ];
        var texts = await Task.WhenAll(kept.Select(path => File.ReadAllTextAsync(path, Token)));
        Assert.All(texts, text => Assert.EndsWith("\n", text, StringComparison.Ordinal));
        Assert.All(texts, text => Assert.InRange(text.Length, 1, size));
        var numbers = string.Concat(texts).TrimEnd('\n').Split('\n').Select(line => int.Parse(line.Split(' ', 4)[3], CultureInfo.InvariantCulture)).ToArray();
        Assert.Equal(Enumerable.Range(lines - numbers.Length + 1, numbers.Length), numbers);
        if (files == 3)
        {
            Assert.Equal(3, kept.Length);
            Assert.NotEqual(lines, numbers.Length);
        }
        else
        {
            Assert.True(kept.Length > 3);
            Assert.Equal(lines, numbers.Length);
        }
    }

    [Fact]
    public async Task The_end_of_a_container_ends_what_it_left_behind()
    {
        var file = Path.Combine(_fixture.Root, "pids");
        var id = await _fixture.StartAsync($"sleep 1000 & echo $! > {file}; setsid sleep 1000 & echo $! >> {file}; sleep 0.2; exit 3");
        var ended = await _fixture.WaitExitAsync(id);
        Assert.Equal(3, ended.ExitCode);
        foreach (var pid in await File.ReadAllLinesAsync(file, Token))
        {
            if (SupervisorFixture.Identity(int.Parse(pid, CultureInfo.InvariantCulture)) is { } process)
            {
                await SupervisorFixture.WaitDeadAsync(process);
            }
        }
    }

    [Fact]
    public async Task Stopping_asks_first_and_insists_after_the_grace()
    {
        var ready = Path.Combine(_fixture.Root, "ready");
        var polite = await _fixture.StartAsync($"trap 'echo bye; exit 5' TERM; echo x > {ready}; while :; do sleep 0.05; done");
        await SupervisorFixture.WaitForFileAsync(ready);
        await _fixture.Runtime.StopContainerAsync(polite, TimeSpan.FromMinutes(1), Token);
        Assert.Equal(5, (await _fixture.FindAsync(polite)).ExitCode);
        Assert.Contains("stdout F bye", await File.ReadAllTextAsync(_fixture.LogPath(polite), Token), StringComparison.Ordinal);

        File.Delete(ready);
        var deaf = await _fixture.StartAsync($"trap '' TERM; echo x > {ready}; while :; do sleep 0.05; done");
        await SupervisorFixture.WaitForFileAsync(ready);
        await _fixture.Runtime.StopContainerAsync(deaf, TimeSpan.FromMilliseconds(100), Token);
        Assert.Equal(137, (await _fixture.FindAsync(deaf)).ExitCode);
        await _fixture.Runtime.StopContainerAsync("unknown", TimeSpan.Zero, Token);
    }

    [Fact]
    public async Task Nothing_that_the_host_inherited_stays_open_in_what_outlives_it()
    {
        await using var pipe = new AnonymousPipeServerStream(PipeDirection.In, HandleInheritability.Inheritable);
        var inherited = new FileInfo($"/proc/self/fd/{pipe.GetClientHandleAsString()}").LinkTarget;
        var id = await _fixture.StartAsync("sleep 1000");

        Assert.StartsWith("pipe:", inherited, StringComparison.Ordinal);
        Assert.DoesNotContain(inherited, SupervisorFixture.OpenFiles(_fixture.Supervisor.Pid));
        Assert.DoesNotContain(inherited, SupervisorFixture.OpenFiles((await _fixture.FindAsync(id)).Pid));
    }

    [Fact]
    public async Task A_supervisor_that_can_open_no_more_files_keeps_its_containers()
    {
        // The runtime itself opens files when it does something for the first time.
        await _fixture.WaitExitAsync(await _fixture.StartAsync("exit 0"));
        var id = await _fixture.StartAsync("sleep 1000");
        var supervisor = _fixture.Supervisor.Pid;
        await LimitFilesAsync(supervisor, 16);
        var asked = _fixture.Connect().ListAsync(Token).AsTask();
        var log = Path.Combine(_fixture.State, "supervisor.log");
        await SupervisorFixture.UntilAsync(() => File.ReadAllText(log).Contains("could not be accepted", StringComparison.Ordinal));
        await LimitFilesAsync(supervisor, 1024);

        Assert.Equal(ContainerPhase.Running, (await asked).Containers.Single(container => container.Id == id).Phase);
    }

    private static async Task LimitFilesAsync(int pid, int most)
    {
        using var limit = Process.Start("prlimit", [$"--pid={pid}", $"--nofile={most}:"]);
        await limit.WaitForExitAsync(Token);
        Assert.Equal(0, limit.ExitCode);
    }

    [Fact]
    public async Task Ensuring_and_starting_twice_makes_one_container()
    {
        var spec = (await _fixture.SpecAsync()) with { Command = ["/bin/echo", "once"] };
        for (var time = 0; time < 2; time++)
        {
            await _fixture.Runtime.EnsureContainerAsync(spec, Token);
            await _fixture.Runtime.StartContainerAsync(spec.Id, Token);
            await _fixture.WaitExitAsync(spec.Id);
        }

        Assert.Single(await File.ReadAllLinesAsync(spec.LogPath, Token));
    }

    [Fact]
    public async Task A_program_that_is_not_there_is_an_ended_container_and_an_error()
    {
        var spec = (await _fixture.SpecAsync()) with { Command = ["no-such-program"] };
        await _fixture.Runtime.EnsureContainerAsync(spec, Token);
        var error = await Assert.ThrowsAsync<RuntimeException>(async () => await _fixture.Runtime.StartContainerAsync(spec.Id, Token));
        Assert.Equal("RunContainerError", error.Reason);
        Assert.Contains("no-such-program", error.Message, StringComparison.Ordinal);
        var state = await _fixture.FindAsync(spec.Id);
        Assert.Equal((ContainerPhase.Exited, 127, "ContainerCannotRun"), (state.Phase, state.ExitCode, state.Reason));
    }

    [Fact]
    public async Task Containers_get_their_address_their_volumes_and_their_environment()
    {
        var volume = Directory.CreateDirectory(Path.Combine(_fixture.Root, "volume")).FullName;
        var spec = await _fixture.SpecAsync();
        spec = spec with
        {
            Command = ["/bin/sh", "-c", "echo $POD_IP $(VOLUME_MY_DATA) $GREETING; echo kept > var/data/file", "sh"],
            Environment = [new("GREETING", "hello")],
            Mounts = [new ContainerMount(volume, "/var/data", false) { Name = "my-data" }],
        };
        await _fixture.Runtime.EnsureContainerAsync(spec, Token);
        await _fixture.Runtime.StartContainerAsync(spec.Id, Token);
        Assert.Equal(0, (await _fixture.WaitExitAsync(spec.Id)).ExitCode);
        var sandbox = (await _fixture.Runtime.ListAsync(Token)).Sandboxes.Single();
        Assert.Contains($"{sandbox.Addresses[0]} {volume} hello", await File.ReadAllTextAsync(spec.LogPath, Token), StringComparison.Ordinal);
        await _fixture.Runtime.RemoveContainerAsync(spec.Id, Token);
        Assert.Equal("kept\n", await File.ReadAllTextAsync(Path.Combine(volume, "file"), Token));
    }

    [Fact]
    public async Task Addresses_differ_and_a_taken_port_is_a_conflict()
    {
        var spec = await _fixture.SpecAsync("one");
        await _fixture.SpecAsync("two");
        var sandboxes = (await _fixture.Runtime.ListAsync(Token)).Sandboxes;
        Assert.Equal(2, sandboxes.Select(sandbox => sandbox.Addresses[0]).Distinct().Count());
        Assert.All(sandboxes, sandbox => Assert.StartsWith("127.", sandbox.Addresses[0], StringComparison.Ordinal));

        var address = sandboxes.Single(sandbox => sandbox.Id == "one").Addresses[0];
        using var other = new TcpListener(IPAddress.Parse(address), 0);
        other.Start();
        spec = spec with { Command = ["/bin/true"], Ports = [new RuntimePort(((IPEndPoint)other.LocalEndpoint).Port, "TCP")] };
        await _fixture.Runtime.EnsureContainerAsync(spec, Token);
        var error = await Assert.ThrowsAsync<RuntimeException>(async () => await _fixture.Runtime.StartContainerAsync(spec.Id, Token));
        Assert.Equal("AddressConflict", error.Reason);
        other.Stop();
        await _fixture.Runtime.StartContainerAsync(spec.Id, Token);
        Assert.Equal(0, (await _fixture.WaitExitAsync(spec.Id)).ExitCode);
    }

    [Fact]
    public async Task An_address_that_a_program_listens_on_is_not_given_to_a_sandbox()
    {
        var spec = await _fixture.SpecAsync("one");
        var address = (await _fixture.Runtime.ListAsync(Token)).Sandboxes[0].Addresses[0];
        await _fixture.Runtime.StopSandboxAsync(spec.SandboxId, Token);
        await _fixture.Runtime.RemoveSandboxAsync(spec.SandboxId, Token);

        // Without the program it would be the same one: the search begins where the sandbox's id says.
        using var program = new TcpListener(IPAddress.Parse(address), 0);
        program.Start();
        await _fixture.SpecAsync("one");
        Assert.NotEqual(address, (await _fixture.Runtime.ListAsync(Token)).Sandboxes[0].Addresses[0]);
    }

    [Fact]
    public async Task An_end_that_can_not_be_recorded_is_told_once_it_is()
    {
        var end = Path.Combine(_fixture.Root, "end");
        var ending = await _fixture.StartAsync($"while ! test -e {end}; do sleep 0.01; done; exit 3");
        var other = await _fixture.StartAsync("sleep 1000", "other");
        var supervisor = _fixture.Supervisor;
        var records = Path.Combine(_fixture.Data, "containers");
        Directory.Move(records, records + ".kept");
        await File.WriteAllTextAsync(records, "in the way", Token);

        await File.WriteAllTextAsync(end, "", Token);
        await SupervisorFixture.UntilAsync(() => File.ReadAllText(Path.Combine(_fixture.State, "supervisor.log")).Contains("can't be recorded yet", StringComparison.Ordinal));
        Assert.Equal(ContainerPhase.Running, (await _fixture.FindAsync(ending)).Phase);
        var refused = await _fixture.SpecAsync("refused");
        await Assert.ThrowsAsync<RuntimeException>(async () => await _fixture.Runtime.EnsureContainerAsync(refused, Token));

        File.Delete(records);
        Directory.Move(records + ".kept", records);
        Assert.Equal(3, (await _fixture.WaitExitAsync(ending)).ExitCode);
        Assert.Equal(ContainerPhase.Running, (await _fixture.FindAsync(other)).Phase);
        Assert.Equal(supervisor, _fixture.Supervisor);
    }

    [Fact]
    public async Task A_hundred_sandboxes_at_once_live_and_go()
    {
        await Task.WhenAll(Enumerable.Range(0, 100).Select(async index =>
        {
            var id = await _fixture.StartAsync($"exit {index}", $"pod-{index}");
            Assert.Equal(index, (await _fixture.WaitExitAsync(id)).ExitCode);
            await _fixture.Runtime.StopSandboxAsync($"pod-{index}", Token);
            await _fixture.Runtime.RemoveSandboxAsync($"pod-{index}", Token);
        }));
        var state = await _fixture.Runtime.ListAsync(Token);
        Assert.Empty(state.Sandboxes);
        Assert.Empty(state.Containers);
    }

    [Fact]
    public async Task A_stopped_sandbox_runs_nothing_and_a_removed_one_is_forgotten()
    {
        var id = await _fixture.StartAsync("sleep 1000", "gone");
        await Assert.ThrowsAsync<RuntimeException>(async () => await _fixture.Runtime.RemoveSandboxAsync("gone", Token));
        await _fixture.Runtime.StopSandboxAsync("gone", Token);
        Assert.Equal(137, (await _fixture.FindAsync(id)).ExitCode);
        await _fixture.Runtime.RemoveSandboxAsync("gone", Token);
        var state = await _fixture.Runtime.ListAsync(Token);
        Assert.Empty(state.Sandboxes);
        Assert.Empty(state.Containers);
    }

    [Theory]
    [InlineData("nginx:1.27", "ErrImagePull")]
    [InlineData("not an image", "InvalidImageName")]
    public async Task Images_of_registries_are_refused(string image, string reason)
    {
        var error = await Assert.ThrowsAsync<RuntimeException>(
            async () => await _fixture.Runtime.EnsureImageAsync(new ImageRequest(image, "IfNotPresent"), Token));
        Assert.Equal(reason, error.Reason);
    }
}
