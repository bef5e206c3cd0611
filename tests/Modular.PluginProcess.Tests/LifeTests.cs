using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Modular.Abstractions;
using Modular.PluginLoader;
using Modular.Testing;

namespace Modular.PluginProcess.Tests;

public sealed class LifeTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_process_that_is_killed_is_started_again_and_sessions_with_it_end()
    {
        await using var test = await PluginUnderTest.StartAsync("scheduler-binpack", isProcess: true);
        for (var round = 0; round < 3; round++)
        {
            var session = await test.Scheduler.OpenAsync(new SchedulingSessionOptions(), Token);
            Assert.True(await session.UpdateAsync(new ClusterDelta { Revision = 1 }, Token));
            var pid = test.Pid;
            ProcessSignal.Send(pid, "KILL");
            await test.UntilReplacedAsync(pid);
            await Assert.ThrowsAsync<PluginProcessException>(async () => await session.UpdateAsync(new ClusterDelta { Base = 1, Revision = 2 }, Token));
            await session.DisposeAsync();
        }

        Assert.Contains(test.Context.Lines.All, line => line.Text.Contains("ended with exit code 137", StringComparison.Ordinal));
        await using var again = await test.Scheduler.OpenAsync(new SchedulingSessionOptions(), Token);
        Assert.True(await again.UpdateAsync(new ClusterDelta { Revision = 1 }, Token));
    }

    [Fact]
    public async Task A_process_that_hangs_is_killed_and_started_again()
    {
        await using var test = await PluginUnderTest.StartAsync(
            "scheduler-binpack", isProcess: true, change: options => options with { CheckInterval = TimeSpan.FromSeconds(1) });
        var pid = test.Pid;
        ProcessSignal.Send(pid, "STOP");
        await test.UntilReplacedAsync(pid);
        await using var session = await test.Scheduler.OpenAsync(new SchedulingSessionOptions(), Token);
        Assert.True(await session.UpdateAsync(new ClusterDelta { Revision = 1 }, Token));
        Assert.Contains(test.Context.Lines.All, line => line.Text.Contains("did not answer 3 times", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_plugin_that_is_stopped_leaves_no_process_and_no_file()
    {
        var test = await PluginUnderTest.StartAsync("scheduler-binpack", isProcess: true);
        var process = ProcessRecord.Of(test.Pid);
        await test.StopAsync();
        Assert.False(process.IsAlive);
        Assert.Equal("", string.Join('\n', test.Context.Lines.All.Where(line => line.Level >= LogLevel.Warning)));
        Assert.Empty(Directory.GetFiles(test.Context.StateDirectory, "*.pid"));
        await test.DisposeAsync();
    }

    [Fact]
    public async Task A_process_ends_with_its_host_whatever_it_does()
    {
        await using var test = PluginUnderTest.Script("");
        var start = new ProcessStartInfo(test.Options.Executable, ["plugin", PluginUnderTest.Find(test, "scheduler-binpack", _ => { }).Directory])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        start.Environment[ProcessProtocol.SocketVariable] = Path.Combine(test.PluginRoot, "s");
        using var process = Process.Start(start)!;
        Assert.Equal("modular-plugin 1", await process.StandardOutput.ReadLineAsync(Token));
        process.StandardInput.Close();
        await process.WaitForExitAsync(Token);
        Assert.Equal(1, process.ExitCode);
    }

    [Fact]
    public async Task What_a_process_started_ends_with_it()
    {
        var test = PluginUnderTest.Script("sleep 1000 & echo child $!; sleep 1000", TimeSpan.FromSeconds(5));
        var refused = await Assert.ThrowsAsync<PluginProcessException>(test.RunScriptAsync);
        Assert.Contains("did not write 'modular-plugin 1' within 5 s", refused.Message, StringComparison.Ordinal);
        var pid = int.Parse(test.Context.Lines.All.Single(line => line.Text.StartsWith("child ", StringComparison.Ordinal)).Text[6..], System.Globalization.CultureInfo.InvariantCulture);
        await Eventually.Holds(() => !ProcessRecord.Of(pid).IsAlive || ProcessRecord.Of(pid).StartTicks == 0, "the child's child is gone");
        await test.DisposeAsync();
    }

    [Theory]
    [InlineData("echo no such library >&2; exit 7", "ended with exit code 7: no such library")]
    [InlineData("echo modular-plugin 9; sleep 1000", "speaks version 9 of the protocol, this host version 1; use a build of the plugin for this host")]
    [InlineData("exec no-such-program", "ended with exit code 127")]
    public async Task A_process_that_can_not_serve_says_why(string script, string expected)
    {
        await using var test = PluginUnderTest.Script(script);
        var refused = await Assert.ThrowsAsync<PluginProcessException>(test.RunScriptAsync);
        Assert.Contains(expected, refused.Message, StringComparison.Ordinal);
        Assert.Equal(0, test.Pid);
    }

    [Fact]
    public async Task What_a_process_writes_is_logged_at_its_level()
    {
        await using var test = PluginUnderTest.Script(
            "echo plain; echo '<3>an error'; echo '<4>a warning' >&2; head -c 20000 /dev/zero | tr '\\0' x; echo; exit 1");
        await Assert.ThrowsAsync<PluginProcessException>(test.RunScriptAsync);
        var lines = test.Context.Lines.All.ToList();
        Assert.Contains((LogLevel.Information, "plain"), lines);
        Assert.Contains((LogLevel.Error, "an error"), lines);
        Assert.Contains((LogLevel.Warning, "a warning"), lines);
        Assert.Equal(8 * 1024, lines.Max(line => line.Text.Length));
    }

    [Fact]
    public async Task A_process_is_held_to_its_memory()
    {
        await using var test = PluginUnderTest.Script("until [ \"$(ulimit -d)\" != unlimited ]; do sleep 0.01; done; cat /proc/self/oom_score_adj; head -c 100M /dev/zero | tail -c 99M | wc -c; exit 1");
        await Assert.ThrowsAsync<PluginProcessException>(() => test.RunScriptAsync(new PluginLimits { Memory = 32 << 20 }));
        Assert.Contains(test.Context.Lines.All, line => line.Text.Contains("memory exhausted", StringComparison.Ordinal));
        Assert.Contains((LogLevel.Information, "1000"), test.Context.Lines.All);
    }

    [Theory]
    [InlineData]
    [InlineData("net-admin")]
    [InlineData("net-admin", "chown")]
    [InlineData("all")]
    public async Task A_process_has_the_privileges_that_it_asks_for_and_no_other(params string[] asked)
    {
        await using var test = PluginUnderTest.Script("sh -c 'grep -E \"CapEff|CapBnd|NoNewPrivs\" /proc/self/status'; exit 1", privileges: asked);
        await Assert.ThrowsAsync<PluginProcessException>(test.RunScriptAsync);
        var said = test.Context.Lines.All.Select(line => line.Text.Split(":\t")).Where(parts => parts.Length == 2).ToDictionary(parts => parts[0], parts => parts[1]);
        var own = Convert.ToUInt64(File.ReadLines("/proc/self/status").Single(line => line.StartsWith("CapEff:", StringComparison.Ordinal))[8..], 16);
        var granted = HostPrivileges.Of([.. asked, "dac-override", "dac-read-search"]);
        Assert.Equal(own & granted.Capabilities, Convert.ToUInt64(said["CapEff"], 16));
        if (Environment.IsPrivilegedProcess)
        {
            Assert.Equal(own & granted.Capabilities, Convert.ToUInt64(said["CapBnd"], 16));
        }

        Assert.Equal(asked.Length == 0 ? "1" : "0", said["NoNewPrivs"]);
    }

    // 1 is dac-override, 2 dac-read-search, 8 setpcap, 12 net-admin, 21 sys-admin.
    [Theory]
    [InlineData("", 1UL << 8 | 1UL << 12, 0, "--inh-caps=-all --bounding-set=-all --no-new-privs --")]
    [InlineData("net-admin", 1UL << 2 | 1UL << 8 | 1UL << 12 | 1UL << 21, 0, "--inh-caps=-all --bounding-set=-all,+cap_2,+cap_12 --")]
    [InlineData("net-admin", 1UL << 12, 1UL << 12 | 1UL << 21, "--inh-caps=-all,+cap_12 --")]
    [InlineData("", 0, 0, "--inh-caps=-all --no-new-privs --")]
    [InlineData("all", 1UL << 8 | 1UL << 12, 1UL << 12, "--inh-caps=-all,+cap_12 --")]
    public void What_a_host_has_not_it_does_not_pass_on(string granted, ulong effective, ulong inheritable, string expected)
    {
        _ = HostPrivileges.TryParse(granted, out var privileges);
        Assert.Equal("setpriv " + expected, string.Join(' ', ProcessPrivileges.Prefix(privileges, effective, inheritable)));
    }

    [Fact]
    public async Task A_process_and_what_it_starts_are_in_a_group_with_limits_that_ends_with_them()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "control groups take root");
        await using var test = PluginUnderTest.Script(
            """
            until grep -q modular-plugins /proc/self/cgroup; do sleep 0.01; done
            setsid sleep 1000 >/dev/null 2>&1 &
            echo "started $!"
            grep modular-plugins /proc/self/cgroup
            cat /sys/fs/cgroup/cpu/modular-plugins/$$-*/cpu.cfs_quota_us /sys/fs/cgroup/modular-plugins/$$-*/cpu.max 2>/dev/null
            echo "own $$"
            exit 1
            """);
        await Assert.ThrowsAsync<PluginProcessException>(() => test.RunScriptAsync(new PluginLimits { MilliCpu = 250, Memory = 64 << 20 }));
        var lines = test.Context.Lines.All.Select(line => line.Text).ToList();
        Assert.Contains(lines, line => line is "25000" or "25000 100000");
        var pid = int.Parse(lines.Single(line => line.StartsWith("own ", StringComparison.Ordinal))[4..], System.Globalization.CultureInfo.InvariantCulture);
        Assert.Contains(lines, line => line.Contains($"/modular-plugins/{pid}-", StringComparison.Ordinal));
        await Eventually.Holds(() => !IsRunning(lines.Single(line => line.StartsWith("started ", StringComparison.Ordinal))[8..]), "what it started has ended");
        Assert.All((string[])["/sys/fs/cgroup", "/sys/fs/cgroup/cpu", "/sys/fs/cgroup/memory"], root => Assert.False(Directory.Exists($"{root}/modular-plugins") && Directory.EnumerateDirectories($"{root}/modular-plugins", $"{pid}-*").Any()));
    }

    // One that has ended is there until its parent has heard of it.
    private static bool IsRunning(string pid)
    {
        try
        {
            return !File.ReadAllText($"/proc/{pid}/stat").Contains(") Z ", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }

    [Theory]
    [InlineData("setsid ")]
    [InlineData("")]
    public async Task A_process_of_a_host_that_is_gone_is_ended_first(string group)
    {
        await using var test = PluginUnderTest.Script("exit 1");
        using var shell = Process.Start(new ProcessStartInfo("sh", ["-c", $"{group}sleep 1000 >/dev/null 2>&1 & echo $!"]) { RedirectStandardOutput = true })!;
        var pid = int.Parse(await shell.StandardOutput.ReadToEndAsync(Token), System.Globalization.CultureInfo.InvariantCulture);
        var left = ProcessRecord.Of(pid);
        var state = Directory.CreateDirectory(Path.Combine(Path.GetDirectoryName(test.PluginRoot)!, "state")).FullName;
        left.Write(Path.Combine(state, "plugin-0.pid"));
        await File.WriteAllTextAsync(Path.Combine(state, "plugin-0.kubeconfig"), "", Token);
        await Assert.ThrowsAsync<PluginProcessException>(test.RunScriptAsync);
        Assert.False(left.IsAlive);
        Assert.Empty(Directory.GetFiles(state, "plugin-0.*"));
    }

    [Fact]
    public async Task A_wrong_setting_is_refused_with_the_plugins_own_words()
    {
        var refused = await Assert.ThrowsAsync<PluginProcessException>(() => PluginUnderTest.StartPythonAsync("""{"colour":1}"""));
        Assert.Equal("scheduler-python has no setting 'colour'; it has none", refused.Message);
    }

    [Fact]
    public async Task What_can_not_be_apart_is_refused_before_it_starts()
    {
        await using var test = PluginUnderTest.Script("");
        var loader = new PluginProcessLoader(test.Options);
        var provides = Assert.Throws<PluginLoadException>(() => loader.Load(PluginUnderTest.Find(
            test, "scheduler-binpack", manifest => manifest["provides"]!.AsArray()[0]!["contract"] = "modular.unheard-of"), PluginLimits.None));
        Assert.Equal(
            "scheduler-binpack can't run in a process of its own: it provides modular.unheard-of, which is in-process only; there is modular.scheduler, modular.pod-network, modular.service-proxy, modular.dns, modular.container-runtime, modular.authenticator, modular.authorizer, modular.admission, modular.resources, modular.store, modular.http-endpoints, modular.node-endpoint; set isolation to in-process",
            provides.Message);
        var requires = Assert.Throws<PluginLoadException>(() => loader.Load(PluginUnderTest.Find(
            test, "scheduler-spread", manifest => manifest["requires"]!.AsArray().Add(System.Text.Json.Nodes.JsonNode.Parse("""{"contract":"modular.authenticator","range":"[0.1.0,0.2.0)","optional":true}"""))), PluginLimits.None));
        Assert.Equal(
            "scheduler-spread can't run in a process of its own: it requires modular.authenticator, which can't be called from there; there is modular.scheduler, modular.pod-network, modular.service-proxy, modular.dns, modular.container-runtime; set isolation to in-process",
            requires.Message);
    }
}
