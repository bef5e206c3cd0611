namespace Modular.RuntimeNative.Supervisor.Isolation;

/// <summary>Paths without links, as mounts and layers need them.</summary>
internal static class MountPath
{
    private const int MostLinks = 40;

    /// <summary>The place that a path leads to.</summary>
    public static string Canonical(string path)
    {
        var links = 0;
        var rest = new Stack<string>(path.Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse());
        var done = "/";
        while (rest.TryPop(out var part))
        {
            if (part == "..")
            {
                done = Path.GetDirectoryName(done) ?? "/";
                continue;
            }

            var next = Path.Combine(done, part);
            if (part == ".")
            {
                continue;
            }

            if (new FileInfo(next).LinkTarget is not { } target)
            {
                done = next;
                continue;
            }

            if (++links > MostLinks)
            {
                throw new IOException($"{path} leads through too many links");
            }

            done = target.StartsWith('/') ? "/" : done;
            foreach (var piece in target.Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse())
            {
                rest.Push(piece);
            }
        }

        return done;
    }
}
