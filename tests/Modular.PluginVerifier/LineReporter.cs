using System.Collections.Concurrent;
using Modular.PluginVerifier;
using Xunit.Runner.Common;
using Xunit.Sdk;

[assembly: RegisterRunnerReporter(typeof(LineReporter))]
[assembly: RegisterResultWriter("junit", typeof(JUnitResultWriter))]

namespace Modular.PluginVerifier;

/// <summary>Prints a line for each test, what a failed one says, and the total.</summary>
public sealed class LineReporter : IRunnerReporter
{
    /// <summary>What the runner calls it.</summary>
    public const string Switch = "lines";

    public bool CanBeEnvironmentallyEnabled => false;

    public string Description => "one line for each test";

    public bool ForceNoLogo => true;

    public bool IsEnvironmentallyEnabled => false;

    public string? RunnerSwitch => Switch;

    public ValueTask<IRunnerReporterMessageHandler> CreateMessageHandler(IRunnerLogger logger, IMessageSink? diagnosticMessageSink) => new(new Handler());

    private sealed class Handler : IRunnerReporterMessageHandler
    {
        private readonly ConcurrentDictionary<string, string> _names = new(StringComparer.Ordinal);

        public bool OnMessage(IMessageSinkMessage message)
        {
            switch (message)
            {
                case ITestStarting starting:
                    _names[starting.TestUniqueID] = Shown(starting.TestDisplayName);
                    break;
                case ITestPassed passed:
                    Console.WriteLine($"passed  {_names[passed.TestUniqueID]}");
                    break;
                case ITestSkipped skipped:
                    Console.WriteLine($"skipped {_names[skipped.TestUniqueID]}: {skipped.Reason}");
                    break;
                case ITestFailed failed:
                    Console.WriteLine($"failed  {_names[failed.TestUniqueID]}");
                    Indent(string.Join('\n', failed.Messages));
                    Indent(failed.Output);
                    break;
                case IErrorMetadata error:
                    Console.WriteLine("failed  outside of a test");
                    Indent(string.Join('\n', error.Messages));
                    break;
                case ITestAssemblyFinished finished:
                    var skippedContracts = VerifyPlan.Make(VerifyRequest.FromEnvironment()).Skipped.Count;
                    var passedTests = finished.TestsTotal - finished.TestsFailed - finished.TestsSkipped - finished.TestsNotRun;
                    Console.WriteLine(VerifyPlan.Total(passedTests, finished.TestsFailed, finished.TestsSkipped + skippedContracts));
                    break;
            }

            return true;
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        // The namespace is always this one.
        private static string Shown(string name) => name.Replace($"{nameof(Modular)}.{nameof(PluginVerifier)}.", "", StringComparison.Ordinal);

        private static void Indent(string text)
        {
            foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                Console.WriteLine($"        {line}");
            }
        }
    }
}
