namespace Modular.Plugins.RuntimeNative.Tests;

/// <summary>What a container of image <c>host</c> sees of the machine.</summary>
public sealed class HostImageTests : IAsyncLifetime
{
    private readonly IsolatedFixture _fixture = new();
    private readonly string _atTheTop = $"/mod-test-{Guid.NewGuid():N}";

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _fixture.DisposeAsync();
        if (Directory.Exists(_atTheTop))
        {
            Directory.Delete(_atTheTop, recursive: true);
        }
    }

    [Fact]
    public async Task Data_that_lies_anywhere_in_the_machines_root_is_not_seen()
    {
        Directory.CreateDirectory(_atTheTop);
        await File.WriteAllTextAsync(Path.Combine(_atTheTop, "file"), "secret", TestContext.Current.CancellationToken);
        var (_, output) = await _fixture.RunAsync($"cat {_atTheTop}/file; find /var -type f; ls /");
        Assert.DoesNotContain("secret", output, StringComparison.Ordinal);
        Assert.Equal(
            ["bin", "boot", "dev", "etc", "home", "lib", "media", "mnt", "opt", "proc", "root", "run", "sbin", "srv", "sys", "tmp", "usr", "var"],
            output.Split('\n').Where(name => !name.StartsWith("lib", StringComparison.Ordinal) || name == "lib").Where(name => !name.Contains(' ')));
    }

    [Fact]
    public async Task An_empty_var_is_there_to_be_written_to()
    {
        var (code, output) = await _fixture.RunAsync("set -e; for d in cache lib log mail run spool tmp; do touch /var/$d/x; done; stat -c %a /var/tmp; readlink /var/run");
        Assert.Equal((0, "1777\n/run"), (code, output));
    }
}
