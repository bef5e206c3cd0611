using System.Globalization;
using System.Reflection;
using Modular.Abstractions;
using Modular.Fixtures;
using Modular.PluginLoader;
using Modular.PluginProcess;
using PluginSeam;

// What it costs to call a scheduler in a process of its own: a batch of 1,000 pods, and a question as small as can be.
// Usage: PluginSeam [NODES]
var nodes = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 1000;
using var installed = new InstalledFixtures();
var folder = installed.Install("scheduler-binpack");
var plugin = new InstalledPlugin(folder, PluginManifestReader.ReadFile(Path.Combine(folder, PluginManifestReader.FileName)));
var program = typeof(MeasuredScheduler).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(entry => entry.Key == "PluginFixture:Modular.Host").Value!;
var processes = new PluginProcessLoader(new PluginProcessOptions { Executable = Path.Combine(program, "modular"), WriteKubeconfig = (_, _) => { } });

await using var here = new MeasuredScheduler(plugin, new McMasterPluginLoader(), installed.Root + "/here");
await using var there = new MeasuredScheduler(plugin, processes, installed.Root + "/there");
await here.StartAsync(nodes);
await there.StartAsync(nodes);

Console.WriteLine($"| {nodes} nodes | in process | process | ratio |");
Console.WriteLine("|---|---|---|---|");
// In turns, so that both bear what else the machine does.
List<double> batchesHere = [], batchesThere = [], questionsHere = [], questionsThere = [];
for (var round = 0; round < 40; round++)
{
    batchesHere.Add(await here.BatchAsync(1000));
    batchesThere.Add(await there.BatchAsync(1000));
}

for (var round = 0; round < 20_000; round++)
{
    questionsHere.Add(await here.QuestionAsync());
    questionsThere.Add(await there.QuestionAsync());
}

Row("a batch of 1,000 pods, ms, p50", batchesHere[10..], batchesThere[10..], 0.5, 1);
Row("a batch of 1,000 pods, ms, p99", batchesHere[10..], batchesThere[10..], 0.99, 1);
Row("an update of nothing, us, p50", questionsHere[5000..], questionsThere[5000..], 0.5, 1000);
Row("an update of nothing, us, p99", questionsHere[5000..], questionsThere[5000..], 0.99, 1000);
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| such updates a second | | {1000 / questionsThere[5000..].Average():0} | |"));

static void Row(string what, List<double> here, List<double> there, double quantile, double scale)
{
    double At(List<double> values) => values.Order().ElementAt((int)((values.Count - 1) * quantile)) * scale;
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {what} | {At(here):0.00} | {At(there):0.00} | {(At(here) < 1 ? "" : $"{At(there) / At(here):0.00}")} |"));
}
