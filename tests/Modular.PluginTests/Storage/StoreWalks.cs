using Modular.Abstractions;

namespace Modular.PluginTests;

/// <summary>Walks on new stores; of one that fails it looks for the shortest that does.</summary>
/// <param name="open">Opens an empty store.</param>
/// <param name="reopen">Opens the last one again, after a crash or not.</param>
/// <param name="cancellationToken">Ends everything.</param>
internal sealed class StoreWalks(Func<ValueTask<IObjectStore>> open, Func<bool, ValueTask<IObjectStore>> reopen, CancellationToken cancellationToken)
{
    /// <summary>How many walks the search may take.</summary>
    private const int Attempts = 150;

    /// <summary>Walks, and fails with the seed and the shortest sequence found.</summary>
    public async Task RunAsync(int seed, int steps)
    {
        var walked = StoreStep.Generate(seed, steps);
        if (await TryAsync(walked) is not { } failure)
        {
            return;
        }

        var shortest = await ShortenAsync(walked, failure);
        Assert.Fail($"Random work with seed {seed} found: {shortest.Reason.Message}\nIt comes after:\n{string.Join('\n', shortest.Log)}\n{shortest.Reason.StackTrace}");
    }

    private async Task<WalkFailure> ShortenAsync(List<StoreStep> walked, WalkFailure failure)
    {
        walked = walked[..Math.Min(walked.Count, failure.Steps)];
        var attempts = failure.Reason is TimeoutException ? 0 : Attempts;
        for (var chunk = walked.Count / 2; chunk > 0; chunk /= 2)
        {
            for (var start = 0; start + chunk <= walked.Count && attempts > 0;)
            {
                attempts--;
                List<StoreStep> shorter = [.. walked[..start], .. walked[(start + chunk)..]];
                if (await TryAsync(shorter) is { } still)
                {
                    (walked, failure) = (shorter[..Math.Min(shorter.Count, still.Steps)], still);
                }
                else
                {
                    start += chunk;
                }
            }
        }

        return failure;
    }

    private async Task<WalkFailure?> TryAsync(List<StoreStep> steps)
    {
        await using var walk = new StoreWalk(await open(), reopen, cancellationToken);
        var done = 0;
        try
        {
            foreach (var step in steps)
            {
                done++;
                await walk.StepAsync(step);
            }

            await walk.EndAsync();
            return null;
        }
        catch (Exception reason) when (!cancellationToken.IsCancellationRequested)
        {
            return new WalkFailure(reason, done, [.. walk.Log]);
        }
    }

    private sealed record WalkFailure(Exception Reason, int Steps, IReadOnlyList<string> Log);
}
