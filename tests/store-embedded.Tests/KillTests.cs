using System.Diagnostics;
using System.Reflection;
using System.Text;
using Modular.Plugins.StoreEmbedded.Files;

namespace Modular.Plugins.StoreEmbedded.Tests;

/// <summary>A real process writes to a real directory and is killed while it does.</summary>
public sealed class KillTests : IDisposable
{
    private static readonly string Writer =
        typeof(KillTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(a => a.Key == "StoreBench").Value!;

    private readonly string _directory = Directory.CreateTempSubdirectory("modular-store-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Killed_under_load_nothing_acknowledged_is_lost()
    {
        var random = new Random(7);
        var acknowledged = new Dictionary<string, long>();
        for (var round = 0; round < 6; round++)
        {
            await WriteAndKillAsync(acknowledged, random.Next(200, 3000));

            await using var store = new OpenedStore(new DirectoryFiles(_directory), new StoreSettings { SegmentBytes = 1 << 20, SnapshotBytes = 1 << 20, MaxValueBytes = 1 << 18 });
            Assert.NotEmpty(acknowledged);
            foreach (var (key, value) in acknowledged)
            {
                var found = Assert.Single(store.Range(key, null).Entries);
                // The write after the last acknowledged one may be there or not.
                var stored = long.Parse(Encoding.ASCII.GetString(found.Value.Span[..20]));
                Assert.InRange(stored, value, value + 1);
            }
        }
    }

    // Each of the child's writers counts up in a key of its own and says so when a count is acknowledged.
    private async Task WriteAndKillAsync(Dictionary<string, long> acknowledged, int lines)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath is { } path && Path.GetFileName(path) == "dotnet" ? path : "dotnet")
        {
            ArgumentList = { Writer, "count", _directory },
            RedirectStandardOutput = true,
        };
        using var child = Process.Start(start)!;
        while (await child.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            Note(acknowledged, line);
            if (--lines == 0)
            {
                child.Kill();
            }
        }

        await child.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(lines <= 0, "the child ended before it was killed");
    }

    // The last line may be cut off by the kill.
    private static void Note(Dictionary<string, long> acknowledged, string line)
    {
        var parts = line.Split(' ');
        if (parts.Length == 3 && parts[2] == ".")
        {
            acknowledged[parts[0]] = long.Parse(parts[1]);
        }
    }
}
