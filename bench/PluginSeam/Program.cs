using System.Globalization;
using System.Reflection;
using Modular.Abstractions;
using Modular.Fixtures;
using Modular.Kernel.Plugins;
using Modular.PluginLoader;
using Modular.PluginProcess;
using PluginSeam;

// What it costs to call a plugin in a process of its own. A scheduler: a batch of 1,000 pods, and a question as small as can be. The other contracts: a
// small question each. And what the host's own way to a plugin in its process takes of the heap.
// Usage: PluginSeam NODES | PluginSeam contracts [CONTRACT ...]
using var installed = new InstalledFixtures();
var program = typeof(MeasuredScheduler).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(entry => entry.Key == "PluginFixture:Modular.Host").Value!;
var processes = new PluginProcessLoader(new PluginProcessOptions { Executable = Path.Combine(program, "modular"), WriteKubeconfig = (_, path) => SilentKubeconfig.Write(path) });

if (args is ["contracts", .. var named])
{
    await ContractsAsync([.. SeamQuestion.All.Where(question => named.Length == 0 || named.Contains(question.Contract))]);
    return;
}

var nodes = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 1000;
var plugin = Install("scheduler-binpack");
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

InstalledPlugin Install(string id)
{
    var folder = installed.Install(id);
    return new InstalledPlugin(folder, PluginManifestReader.ReadFile(Path.Combine(folder, PluginManifestReader.FileName)));
}

async Task ContractsAsync(IReadOnlyList<SeamQuestion> questions)
{
    const int Rounds = 10_000;
    var bytes = await LeaseBytesAsync();
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"a lease, a call that completes at once, and the end of the lease: {bytes:0.###} bytes"));
    Console.WriteLine("| contract | question | in process, us, p50 | process, us, p50 / p99 | one after the other, 1/s | 16 at once, 1/s |");
    Console.WriteLine("|---|---|---|---|---|---|");
    foreach (var question in questions.GroupBy(question => question.Plugin).SelectMany(group =>
    {
        var installedPlugin = Install(group.Key);
        return group.Select(question => (Question: question, Plugin: installedPlugin));
    }))
    {
        var root = $"{installed.Root}/{question.Question.Contract}";
        await using var here = await AskedPlugin.StartAsync(question.Plugin, new McMasterPluginLoader(), root + "-here", question.Question);
        await using var there = await AskedPlugin.StartAsync(question.Plugin, processes, root + "-there", question.Question);
        List<double> inProcess = [], inItsOwn = [];
        for (var round = 0; round < Rounds; round++)
        {
            inProcess.Add(await here.AskAsync());
            inItsOwn.Add(await there.AskAsync());
        }

        var warm = inItsOwn[(Rounds / 4)..];
        var atOnce = await there.AskAtOnceAsync(16, 2000);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"| `{question.Question.Contract}` | {question.Question.What} | {At(inProcess[(Rounds / 4)..], 0.5):0.0} | {At(warm, 0.5):0} / {At(warm, 0.99):0} | {1e6 / warm.Average():0} | {atOnce:0} |"));
    }
}

// As the kernel calls a plugin in its process: through a handle, under a counted lease.
static async ValueTask<double> LeaseBytesAsync()
{
    const int Times = 1_000_000;
    var registry = new ContractRegistry();
    registry.ProvideFromHost<IAuthorizer>(new SilentAuthorizer(), new PluginIdentity("host", "host", "0.1.0", 1));
    var handle = registry.Handle<IAuthorizer>();
    var request = new AuthorizationRequest { User = new UserInfo("carla"), Verb = "get", Resource = "pods" };
    var before = 0L;
    for (var i = -1000; i < Times; i++)
    {
        if (i == 0)
        {
            before = GC.GetAllocatedBytesForCurrentThread();
        }

        using var lease = handle.Acquire();
        await lease.Value.AuthorizeAsync(request, CancellationToken.None);
    }

    return (GC.GetAllocatedBytesForCurrentThread() - before) / (double)Times;
}

static double At(List<double> values, double quantile) => values.Order().ElementAt((int)((values.Count - 1) * quantile));

static void Row(string what, List<double> here, List<double> there, double quantile, double scale)
{
    var (inProcess, inItsOwn) = (At(here, quantile) * scale, At(there, quantile) * scale);
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {what} | {inProcess:0.00} | {inItsOwn:0.00} | {(inProcess < 1 ? "" : $"{inItsOwn / inProcess:0.00}")} |"));
}

/// <summary>Says nothing, at once and without taking memory.</summary>
internal sealed class SilentAuthorizer : IAuthorizer
{
    private static readonly AuthorizationResult Nothing = new(AuthorizationDecision.NoOpinion);

    public ValueTask<AuthorizationResult> AuthorizeAsync(AuthorizationRequest request, CancellationToken cancellationToken) => ValueTask.FromResult(Nothing);
}
