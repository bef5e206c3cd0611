using Microsoft.Extensions.Logging;
using Modular.Abstractions;

namespace Modular.Plugins.SchedulerFixtureFaulty;

internal sealed class FaultySession(string fault, string askedFile, ILoggerFactory log) : ISchedulingSession
{
    public ValueTask<bool> UpdateAsync(ClusterDelta delta, CancellationToken cancellationToken) => ValueTask.FromResult(true);

    public async ValueTask<IReadOnlyList<Placement>> PlaceAsync(IReadOnlyList<SchedulingPod> pods, CancellationToken cancellationToken)
    {
        await File.WriteAllTextAsync(askedFile, fault, cancellationToken);
        switch (fault)
        {
            case "throws":
                throw new InvalidOperationException("it can't place");
            case "hangs":
                await Task.Delay(Timeout.Infinite, CancellationToken.None);
                break;
            case "blocks":
                Thread.Sleep(Timeout.Infinite);
                break;
            case "answers null":
                return null!;
            case "answers too much":
                return [.. pods.Concat(pods).Select(pod => new Placement { PodUid = pod.Uid, NodeName = "no-such-node" })];
            case "answers rubbish":
                return [.. pods.Select(_ => new Placement { PodUid = "\0", NodeName = "../../etc", Refused = [new RefusedNodes("\n\n", -1)], Victims = ["nobody"] })];
            case "spams":
                Faults.Spam(log.CreateLogger("spam"));
                break;
            case "leaks":
                Faults.Leak(askedFile);
                break;
            case "throws on a thread":
                Faults.ThrowOnThread();
                break;
            case "throws in the pool":
                Faults.ThrowInPool();
                break;
            case "throws where nobody waits":
                Faults.ThrowWhereNobodyWaits();
                break;
            case "overflows the stack":
                Faults.Overflow(0);
                break;
            case "exits":
                Environment.Exit(3);
                break;
            case "allocates":
                Faults.Allocate();
                break;
        }

        return [.. pods.Select(pod => new Placement { PodUid = pod.Uid, Refused = [new RefusedNodes("faulty", 1)] })];
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
