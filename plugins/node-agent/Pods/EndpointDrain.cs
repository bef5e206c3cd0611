using Modular.Abstractions;

namespace Modular.Plugins.NodeAgent.Pods;

/// <summary>Waits until the service proxy carries nothing to a pod any more, so that its containers can be told to end. Thread-safe.</summary>
internal sealed class EndpointDrain(ContractHandle<IServiceProxy> proxy, TimeProvider time)
{
    private static readonly TimeSpan AskEvery = TimeSpan.FromMilliseconds(50);

    /// <summary>What a container keeps for its own end, if its pod's connections do not end by themselves.</summary>
    private static readonly TimeSpan MostForTheEnd = TimeSpan.FromSeconds(2);

    /// <summary>Waits, for all but the last of the grace. From the call on the addresses are given nothing new.</summary>
    public async Task WaitAsync(IReadOnlyList<string> addresses, TimeSpan grace, CancellationToken cancellationToken)
    {
        var forTheEnd = grace / 2 < MostForTheEnd ? grace / 2 : MostForTheEnd;
        var started = time.GetTimestamp();
        while (await IsUsedAsync(addresses, cancellationToken).ConfigureAwait(false) && time.GetElapsedTime(started) < grace - forTheEnd)
        {
            await Task.Delay(AskEvery, time, cancellationToken).ConfigureAwait(false);
        }
    }

    // Each question is a lease of its own: the proxy may be exchanged between two.
    private async ValueTask<bool> IsUsedAsync(IReadOnlyList<string> addresses, CancellationToken cancellationToken)
    {
        if (!proxy.TryAcquire(out var lease))
        {
            return false;
        }

        using (lease)
        {
            var used = false;
            foreach (var address in addresses)
            {
                used |= await lease.Value.DrainAsync(address, cancellationToken).ConfigureAwait(false);
            }

            return used;
        }
    }
}
