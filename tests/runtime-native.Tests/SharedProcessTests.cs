using Modular.Abstractions;

namespace Modular.Plugins.RuntimeNative.Tests;

/// <summary>Containers of one pod that see each other's processes, and what else is in their namespace.</summary>
public sealed class SharedProcessTests : IAsyncLifetime
{
    private readonly IsolatedFixture _fixture = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task The_namespaces_first_process_leads_nowhere_even_for_who_may_look_into_processes()
    {
        await ShareAsync();
        var (_, output) = await _fixture.RunAsync(
            "grep -E '^(Uid|CapPrm)' /proc/1/status; cat /proc/1/root/etc/shadow; ls /proc/1/root/home /proc/1/root/run; ls /proc/1/cwd; ls /proc/1/fd; true",
            spec => spec with { Security = new ContainerSecurity { AddedCapabilities = ["SYS_PTRACE"] } },
            "shared");
        Assert.DoesNotContain("root:", output, StringComparison.Ordinal);
        Assert.Contains("Uid:\t65534\t65534\t65534\t65534", output, StringComparison.Ordinal);
        Assert.Contains("CapPrm:\t0000000000000000", output, StringComparison.Ordinal);
        foreach (var home in Directory.GetDirectories("/home").Concat(Directory.GetDirectories("/run")))
        {
            Assert.DoesNotContain(Path.GetFileName(home), output.Split('\n'));
        }
    }

    [Fact]
    public async Task Orphans_are_buried()
    {
        await ShareAsync();
        var id = await _fixture.StartAsync("sh -c 'sleep 0.1 & exit 0'; echo ready; exec sleep 1000", sandbox: "shared");
        await _fixture.WaitForOutputAsync(id, "ready");
        await SupervisorFixture.UntilAsync(() => _fixture.ExecAsync(id, "/bin/sh", "-c", "cat /proc/[0-9]*/comm").Result.Output.Split("sleep").Length == 3);
        var (_, states) = await _fixture.ExecAsync(id, "/bin/sh", "-c", "grep -h State /proc/[0-9]*/status");
        Assert.DoesNotContain("zombie", states, StringComparison.Ordinal);
    }

    private async Task ShareAsync() => await _fixture.Runtime.EnsureSandboxAsync(
        new SandboxSpec { Id = "shared", PodName = "shared", PodNamespace = "default", PodUid = "shared", ShareProcessNamespace = true }, Token);
}
