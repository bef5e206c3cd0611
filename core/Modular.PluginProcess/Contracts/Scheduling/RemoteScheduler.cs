using Modular.Abstractions;
using Protocol = Modular.PluginProcess.Protocol;

namespace Modular.PluginProcess.Contracts;

/// <summary>A scheduler in another process; each session is one stream.</summary>
internal sealed class RemoteScheduler(RemotePlugin plugin) : IScheduler
{
    private readonly Protocol.Scheduler.SchedulerClient _client = new(plugin.Channel);

    public async ValueTask<ISchedulingSession> OpenAsync(SchedulingSessionOptions options, CancellationToken cancellationToken)
    {
        var session = new RemoteSchedulingSession(plugin, _client);
        try
        {
            await session.OpenAsync(options, cancellationToken).ConfigureAwait(false);
            return session;
        }
        catch
        {
            await session.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }
}
