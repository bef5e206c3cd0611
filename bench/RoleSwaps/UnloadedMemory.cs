using System.Globalization;
using System.Text.Json.Nodes;
using Modular.EndToEnd;

namespace Modular.Bench.RoleSwaps;

/// <summary>What a host holds while a plugin whose code can be unloaded is exchanged for itself again and again.</summary>
internal static class UnloadedMemory
{
    private const string Plugin = "scheduler-unloadable";

    /// <returns>0 if the code of each instance but the last has left the process.</returns>
    public static async Task<int> MeasureAsync(int swaps)
    {
        await using var cluster = await TestCluster.StartAsync(CancellationToken.None, ["--mode", "process"]);
        var folder = Directory.CreateTempSubdirectory("modular-unloadable-");
        Build(folder.FullName);
        (await cluster.RunAsync(CancellationToken.None, "plugins", "install", folder.FullName)).MustSucceed();
        folder.Delete(recursive: true);
        var kept = 0;
        for (var swap = 0; swap <= swaps; swap++)
        {
            (await cluster.RunAsync(CancellationToken.None, "plugins", "swap", "scheduler", Plugin)).MustSucceed();
            if (swap > 0)
            {
                kept += await IsKeptAsync(cluster) ? 1 : 0;
            }

            if (swap % 10 == 0)
            {
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{swap} swaps: {Memory(cluster.HostPid):0.0} MB, {kept} instances kept"));
            }
        }

        return kept == 0 ? 0 : 1;
    }

    // A scheduler of this repository, whose manifest asks for it.
    private static void Build(string folder)
    {
        var source = Path.Combine(Repository.Root, "artifacts", "dist", "plugins", "scheduler-spread", "0.1.0");
        foreach (var file in Directory.EnumerateFiles(source))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        }

        var path = Path.Combine(folder, "plugin.json");
        var manifest = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        manifest["id"] = Plugin;
        manifest["unloadable"] = true;
        File.WriteAllText(path, manifest.ToJsonString());
    }

    private static async Task<bool> IsKeptAsync(TestCluster cluster) =>
        (await cluster.GetAsync(CancellationToken.None, "plugin", "scheduler"))[0]["status"]!["conditions"]!.AsArray()
            .Any(condition => (string?)condition!["type"] == "Unloaded" && (string?)condition["status"] == "False");

    /// <summary>The proportional set size, in megabytes.</summary>
    private static double Memory(int pid) => File.ReadLines($"/proc/{pid}/smaps_rollup").Where(line => line.StartsWith("Pss:", StringComparison.Ordinal))
        .Select(line => double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024).First();
}
