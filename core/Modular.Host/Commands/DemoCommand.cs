using System.CommandLine;
using Modular.Host.Cluster;
using Modular.Host.Demo;
using Modular.Host.Output;

namespace Modular.Host.Commands;

/// <summary><c>modular demo</c>: tells the story on a cluster of its own and leaves it running.</summary>
internal static class DemoCommand
{
    public static Command Create()
    {
        var listen = new Option<string>("--listen") { Description = "Where the API answers", DefaultValueFactory = _ => "127.0.0.1:6443" };
        var mode = new ModeOption();
        var command = new Command("demo", "Show what Modular does, on a cluster of its own that a second run replaces") { listen, mode.Option };
        command.SetAction(async (result, cancellationToken) =>
        {
            var chosen = result.GetValue(ClientOptions.DataDirectory);
            var directory = new ClusterDirectory(chosen ?? ClusterDirectory.Default + "-demo");
            if (chosen is not null && Directory.Exists(chosen) && !File.Exists(Marker(directory)) && Directory.EnumerateFileSystemEntries(chosen).Any())
            {
                throw new CommandException($"{chosen} holds something that is not a demo's; the demo replaces its directory, so choose an empty one");
            }

            var narrator = new Narrator(Console.Out);
            await new DemoStory(directory, result.GetRequiredValue(listen), mode.Read(result), narrator).TellAsync(cancellationToken);
            Console.WriteLine();
            if (!narrator.AllSeen)
            {
                throw new CommandException($"not everything was as expected; the cluster still runs, its log is {directory.Log}");
            }

            Console.WriteLine("Everything was as expected. The cluster still runs; try:");
            Console.WriteLine($"  export KUBECONFIG={ShellText.Quote(directory.Kubeconfig)}; kubectl get pods -o wide");
            Console.WriteLine($"  export MODULAR_DATA_DIR={ShellText.Quote(directory.Root)}");
            Console.WriteLine("  ./modular status");
            Console.WriteLine("  ./modular scale rc nifty --replicas=5 && ./modular get pods -w");
            Console.WriteLine("  ./modular plugins graph");
            Console.WriteLine("  ./modular down");
            return 0;
        });
        return command;
    }

    /// <summary>The file by which a demo knows its own directory again.</summary>
    internal static string Marker(ClusterDirectory directory) => Path.Combine(directory.Root, "nifty.yaml");
}
