using Modular.Plugins.Dns.Records;

namespace Modular.Plugins.Dns;

/// <summary>Takes deltas in, and tells when the first whole state came.</summary>
internal sealed class DnsServer(RecordTable table) : IDnsServer
{
    private readonly TaskCompletionSource _complete = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when the services are known.</summary>
    public Task Complete => _complete.Task;

    /// <inheritdoc />
    public ValueTask<ServiceReport> ApplyAsync(ServiceDelta delta, CancellationToken cancellationToken)
    {
        var report = table.Apply(delta);
        if (table.IsComplete)
        {
            _complete.TrySetResult();
        }

        return ValueTask.FromResult(report);
    }
}
