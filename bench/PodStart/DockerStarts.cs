using System.Diagnostics;
using Modular.EndToEnd;

namespace PodStart;

/// <summary>Starts containers with docker, of an image that holds busybox alone (apt install docker.io busybox-static).</summary>
internal sealed class DockerStarts
{
    private const string Image = "modular-bench:busybox";

    private readonly List<string> _containers = [];

    /// <summary>Null where no daemon answers.</summary>
    public static async Task<DockerStarts?> OpenAsync()
    {
        try
        {
            if ((await RunAsync("docker", "version")).Code != 0)
            {
                return null;
            }
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }

        (await RunAsync("sh", "-c", $"tar -C / -c --dereference bin/busybox | docker import - {Image}")).MustSucceed();
        return new DockerStarts();
    }

    /// <summary>Starts containers at once; the milliseconds from this moment until docker said of each that it runs.</summary>
    public async Task<IReadOnlyList<double>> StartAsync(int count)
    {
        var started = Stopwatch.GetTimestamp();
        return await Task.WhenAll(Enumerable.Range(0, count).Select(async _ =>
        {
            var run = (await RunAsync("docker", "run", "-d", Image, "/bin/busybox", "sleep", "1000")).MustSucceed();
            var elapsed = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
            lock (_containers)
            {
                _containers.Add(run.Output.Trim());
            }

            return elapsed;
        }));
    }

    public async Task EndAsync()
    {
        (await RunAsync("docker", ["rm", "-f", .. _containers])).MustSucceed();
        _containers.Clear();
    }

    private static Task<CommandResult> RunAsync(string program, params string[] arguments) =>
        CommandResult.RunAsync(program, arguments, "", new Dictionary<string, string>(), CancellationToken.None);
}
