using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Modular.Abstractions;

namespace Modular.Plugins.RuntimeNative.Tests;

/// <summary>A supervisor in isolated mode. When the test ends nothing may be left of it; that is checked, not cleaned.</summary>
public sealed class IsolatedFixture : IAsyncDisposable
{
    private readonly string _groups;

    public IsolatedFixture()
    {
        Assert.SkipUnless(Environment.UserName == "root" && MayMount(), "isolated containers need root with the right to mount and to make namespaces");
        Supervised = new SupervisorFixture(isolated: true);
        _groups = "modular-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Supervised.Data)).AsSpan(0, 4));
    }

    public SupervisorFixture Supervised { get; }

    internal NativeRuntime Runtime => Supervised.Runtime;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>What a script in a container writes and how it ends.</summary>
    internal async Task<(int Code, string Output)> RunAsync(string script, Func<ContainerSpec, ContainerSpec>? change = null, string sandbox = "pod")
    {
        var id = await StartAsync(script, change, sandbox);
        var ended = await Supervised.WaitExitAsync(id);
        var lines = await File.ReadAllLinesAsync(Supervised.LogPath(id), Token);
        return (ended.ExitCode, string.Join('\n', lines.Select(line => line.Split(' ', 4)[3])));
    }

    internal async Task<string> StartAsync(string script, Func<ContainerSpec, ContainerSpec>? change = null, string sandbox = "pod")
    {
        var spec = await Supervised.SpecAsync(sandbox) with { Command = ["/bin/sh", "-c", script] };
        spec = change?.Invoke(spec) ?? spec;
        await Runtime.EnsureContainerAsync(spec, Token);
        await Runtime.StartContainerAsync(spec.Id, Token);
        return spec.Id;
    }

    /// <summary>Waits until a container has written a line that ends so.</summary>
    internal Task WaitForOutputAsync(string id, string ending) => SupervisorFixture.UntilAsync(
        () => File.Exists(Supervised.LogPath(id)) && File.ReadAllText(Supervised.LogPath(id)).Split('\n').Any(line => line.EndsWith(ending, StringComparison.Ordinal)));

    internal async Task<(int Code, string Output)> ExecAsync(string id, params string[] command)
    {
        await using var session = await Runtime.ExecAsync(new ExecRequest { ContainerId = id, Command = command }, Token);
        using var output = new StreamReader(session.Output.AsStream());
        using var error = new StreamReader(session.Error!.AsStream());
        var texts = await Task.WhenAll(output.ReadToEndAsync(Token), error.ReadToEndAsync(Token));
        return (await session.Completion, string.Concat(texts).TrimEnd());
    }

    public async ValueTask DisposeAsync()
    {
        if (Supervised is null)
        {
            return;
        }

        await Supervised.DisposeAsync();
        Assert.DoesNotContain(Supervised.Root, await File.ReadAllTextAsync("/proc/self/mountinfo", CancellationToken.None), StringComparison.Ordinal);
        Assert.Empty(Directory.GetDirectories("/sys/fs/cgroup", _groups, new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 1 }));
    }

    private static bool MayMount()
    {
        using var unshare = Process.Start(new ProcessStartInfo("/usr/bin/unshare", ["--mount", "--net", "true"]) { RedirectStandardError = true })!;
        unshare.WaitForExit();
        return unshare.ExitCode == 0;
    }
}
