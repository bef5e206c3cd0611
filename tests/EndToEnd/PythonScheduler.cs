namespace Modular.EndToEnd;

/// <summary>The sample scheduler in Python.</summary>
internal static class PythonScheduler
{
    /// <summary>Installs it as its README says.</summary>
    /// <param name="cluster">Where.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <param name="change">Makes another program of it.</param>
    public static async Task InstallAsync(TestCluster cluster, CancellationToken cancellation, Func<string, string>? change = null)
    {
        var folder = Directory.CreateDirectory(Path.Combine(cluster.DataDirectory, "python")).FullName;
        foreach (var file in new[] { "plugin.json", "scheduler.py" })
        {
            File.Copy(Path.Combine(Repository.Root, "samples", "scheduler-python", file), Path.Combine(folder, file));
        }

        if (change is not null)
        {
            var program = Path.Combine(folder, "scheduler.py");
            var original = await File.ReadAllTextAsync(program, cancellation);
            var changed = change(original);
            Assert.NotEqual(original, changed);
            await File.WriteAllTextAsync(program, changed, cancellation);
        }

        var protos = Path.Combine(Path.GetDirectoryName(Repository.Modular)!, "protos");
        string[] arguments = ["-I", protos, $"--python_out={folder}", "plugin.proto", "scheduler.proto"];
        (await CommandResult.RunAsync("protoc", arguments, "", new Dictionary<string, string>(), cancellation)).MustSucceed();
        (await cluster.RunAsync(cancellation, "plugins", "install", folder)).MustSucceed();
    }
}
