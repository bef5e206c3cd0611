using System.Globalization;
using Modular.Abstractions;

namespace Modular.Plugins.Scheduling.Tests;

/// <summary>A large cluster and its pods: the production trace if it lies beside the repository, else one of the same form made by a seed.</summary>
internal sealed record Trace(IReadOnlyList<SchedulingNode> Nodes, IReadOnlyList<SchedulingPod> Pods)
{
    private const string Gpu = "example.com/gpu";
    private const long Mebibyte = 1 << 20;

    public static Trace Load()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var data = Path.Combine(folder.FullName, "shared", "data", "openb");
            if (File.Exists(Path.Combine(data, "nodes_all.csv")) && File.Exists(Path.Combine(data, "pods_default.csv")))
            {
                return Read(Path.Combine(data, "nodes_all.csv"), Path.Combine(data, "pods_default.csv"));
            }
        }

        return Make();
    }

    private static Trace Read(string nodes, string pods) => new(
        [.. File.ReadLines(nodes).Skip(1).Select(line => line.Split(',')).Select(f => Node(f[0], Number(f[1]), Number(f[2]), Number(f[3])))],
        // Of pods that share a GPU only CPU and memory are taken: extended resources are whole.
        [.. File.ReadLines(pods).Skip(1).Select(line => line.Split(','))
            .Select(f => Pod(f[0], Number(f[1]), Number(f[2]), Number(f[4]) == 1000 ? Number(f[3]) : 0))]);

    private static Trace Make()
    {
        var random = new Random(42);
        return new Trace(
            [.. Enumerable.Range(0, 1500).Select(i => Node($"n{i:0000}", 32_000 * random.Next(1, 4), 262_144, i % 3 == 0 ? 0 : random.Next(1, 9)))],
            [.. Enumerable.Range(0, 4000).Select(i => Pod($"p{i:0000}", 1000 * random.Next(1, 24), 2048 * random.Next(1, 24), i % 2 == 0 ? 0 : random.Next(1, 3)))]);
    }

    private static SchedulingNode Node(string name, long milliCpu, long mebibytes, long gpus)
    {
        var amounts = new ResourceAmounts { MilliCpu = milliCpu, Memory = mebibytes * Mebibyte, Pods = 110 };
        return new SchedulingNode { Name = name, Allocatable = gpus == 0 ? amounts : amounts with { Extended = Gpus(gpus) } };
    }

    private static SchedulingPod Pod(string name, long milliCpu, long mebibytes, long gpus)
    {
        var amounts = new ResourceAmounts { MilliCpu = milliCpu, Memory = mebibytes * Mebibyte, Pods = 1 };
        return new SchedulingPod
        {
            Uid = name,
            Namespace = "default",
            Name = name,
            Requests = gpus == 0 ? amounts : amounts with { Extended = Gpus(gpus) },
        };
    }

    private static Dictionary<string, long> Gpus(long count) => new() { [Gpu] = count };

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
