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
        private const int MostFrames = 8;

        private readonly ConcurrentDictionary<string, string> _names = new(StringComparer.Ordinal);
        private readonly CheckLimit _limit = new(VerifyRequest.FromEnvironment().CheckTimeout);

        public bool OnMessage(IMessageSinkMessage message)
        {
            if (message is ITestFinished)
            {
                _limit.End();
            }

            switch (message)
            {
                case ITestStarting starting:
                    _names[starting.TestUniqueID] = Shown(starting.TestDisplayName);
                    _limit.Begin(_names[starting.TestUniqueID]);
                    break;
                case ITestPassed passed:
                    Console.WriteLine($"passed  {_names[passed.TestUniqueID]}");
                    break;
                case ITestSkipped skipped:
                    Console.WriteLine($"skipped {_names[skipped.TestUniqueID]}: {skipped.Reason}");
                    break;
                case ITestFailed failed:
                    Console.WriteLine($"failed  {_names[failed.TestUniqueID]}");
                    Indent(string.Join('\n', Causes(failed)));
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

        public ValueTask DisposeAsync() => _limit.DisposeAsync();

        // What an assertion says is enough; of another exception its maker wants to know what it was and where.
        private static IEnumerable<string> Causes(ITestFailed failed)
        {
            for (var i = 0; i < failed.Messages.Length; i++)
            {
                if (failed.ExceptionTypes[i] is not { } type || type.StartsWith("Xunit.", StringComparison.Ordinal))
                {
                    yield return failed.Messages[i];
                    continue;
                }

                yield return $"{type}: {failed.Messages[i]}";
                foreach (var frame in (failed.StackTraces[i] ?? "").Split('\n').Take(MostFrames))
                {
                    yield return frame;
                }
            }
        }

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
