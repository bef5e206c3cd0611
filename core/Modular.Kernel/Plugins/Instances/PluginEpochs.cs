namespace Modular.Kernel.Plugins;

/// <summary>Counts the instances that each role had on this host, over restarts too.</summary>
internal sealed class PluginEpochs(string directory)
{
    /// <summary>The next epoch of a role; on disk before it is used.</summary>
    public long Next(string name)
    {
        Directory.CreateDirectory(directory);
        var file = Path.Combine(directory, $"{name}.epoch");
        var next = (File.Exists(file) && long.TryParse(File.ReadAllText(file), out var last) ? last : 0) + 1;
        File.WriteAllText(file + ".new", next.ToString());
        File.Move(file + ".new", file, overwrite: true);
        return next;
    }
}
