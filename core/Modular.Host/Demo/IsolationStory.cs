namespace Modular.Host.Demo;

/// <summary>The part of the story about what holds a container: its namespaces, and limits that the kernel keeps.</summary>
internal sealed class IsolationStory(Shell shell, Narrator narrator)
{
    private const string ControlGroups = "/sys/fs/cgroup";
    private const string OwnNamespaces = "/proc/self/ns";

    private static readonly IReadOnlyList<string> Namespaces = ["net", "ipc", "uts", "pid", "mnt"];

    /// <summary>Where a container reads its limits, and what the manifest's 256Mi and one processor are there: by cgroups v2 or v1.</summary>
    private static readonly (string Files, string Values) Limits = File.Exists($"{ControlGroups}/cgroup.controllers")
        ? ("memory.max cpu.max", "268435456 100000 100000")
        : ("memory/memory.limit_in_bytes cpu/cpu.cfs_quota_us cpu/cpu.cfs_period_us", "268435456 100000 100000");

    public async Task LookAsync(IReadOnlyList<PodView> pods, CancellationToken cancellationToken)
    {
        var seen = new HashSet<string>(Namespaces.Select(name => new FileInfo($"{OwnNamespaces}/{name}").LinkTarget!), StringComparer.Ordinal);
        var machines = seen.Count;
        var limits = new HashSet<string>(StringComparer.Ordinal);
        foreach (var pod in pods)
        {
            var links = (await InsideAsync(pod, $"cd {OwnNamespaces}; readlink {string.Join(' ', Namespaces)}", cancellationToken)).Split('\n');
            narrator.Show(string.Join(' ', links));
            seen.UnionWith(links);
            limits.Add((await InsideAsync(pod, $"cd {ControlGroups}; cat {Limits.Files}", cancellationToken)).ReplaceLineEndings(" "));
        }

        narrator.Check(
            "each has namespaces of its own, none the machine's", $"{seen.Count - machines} namespaces for {pods.Count} pods",
            seen.Count == machines + (pods.Count * Namespaces.Count));
        narrator.Check($"the kernel limits each to 256 MiB and one processor: {Limits.Values}", string.Join("; ", limits), limits.SetEquals([Limits.Values]));
    }

    /// <summary>The machine's pid of the process that gave an answer.</summary>
    public async Task<int> FindAsync(PodView pod, int pid, CancellationToken cancellationToken) =>
        ContainerProcess.Find(await InsideAsync(pod, $"readlink {OwnNamespaces}/pid", cancellationToken), pid)
            ?? throw new CommandException($"the machine has no process that is {pid} in pod {pod.Name}");

    private async Task<string> InsideAsync(PodView pod, string script, CancellationToken cancellationToken) =>
        (await shell.MustAsync(cancellationToken, "exec", pod.Name, "--", "sh", "-c", script)).Trim();
}
