namespace Modular.PluginProcess;

/// <summary>What a host that was killed left of its plugins' processes.</summary>
public static class PluginLeftovers
{
    /// <summary>Ends a role's processes whose host is gone and that did not end by themselves, and removes their files and control groups.</summary>
    /// <param name="directory">The role's state directory.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task EndAsync(string directory, CancellationToken cancellationToken)
    {
        // Only of plugins' processes: what a plugin has started itself and means to stay, such as a supervisor of containers, keeps files there too.
        foreach (var file in Directory.EnumerateFiles(directory, "plugin-*.pid"))
        {
            if (ProcessRecord.Read(file) is { IsAlive: true } process)
            {
                if (process.Parent == Environment.ProcessId)
                {
                    // Another instance's, which is about to hand over.
                    continue;
                }

                Signals.SendToGroup(process.Pid, Signals.Kill);
                await process.WaitForExitAsync(TimeSpan.FromSeconds(5), cancellationToken).ConfigureAwait(false);
            }

            if (ProcessRecord.Read(file) is { } ended)
            {
                await ChildGroup.Of(ended).RemoveAsync().ConfigureAwait(false);
            }

            foreach (var left in Directory.EnumerateFiles(directory, Path.GetFileNameWithoutExtension(file) + ".*"))
            {
                File.Delete(left);
            }
        }
    }
}
