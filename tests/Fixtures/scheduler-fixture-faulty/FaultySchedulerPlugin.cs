using Modular.Abstractions;

namespace Modular.Plugins.SchedulerFixtureFaulty;

/// <summary>A scheduler with the fault that its configuration names; faults of a call come with pods. It leaves a file when it is asked for them.</summary>
public sealed class FaultySchedulerPlugin : IPlugin, IScheduler
{
    private IPluginContext? _context;

    private string Fault => _context!.Configuration.GetProperty("fault").GetString()!;

    public ValueTask ProvisionAsync(IPluginContext context, CancellationToken cancellationToken)
    {
        _context = context;
        context.Provide<IScheduler>(this);
        return ValueTask.CompletedTask;
    }

    public async ValueTask StartAsync(CancellationToken cancellationToken)
    {
        switch (Fault)
        {
            case "start throws":
                throw new InvalidOperationException("it can't start");
            case "start exits":
                Environment.Exit(3);
                break;
            case "start allocates":
                Faults.Allocate();
                break;
            default:
                await Task.CompletedTask;
                break;
        }
    }

    public async ValueTask StopAsync(StopReason reason, CancellationToken cancellationToken)
    {
        if (Fault == "stop hangs")
        {
            await Task.Delay(Timeout.Infinite, CancellationToken.None);
        }

        if (Fault == "stop throws")
        {
            throw new InvalidOperationException("it can't stop");
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    public ValueTask<ISchedulingSession> OpenAsync(SchedulingSessionOptions options, CancellationToken cancellationToken) =>
        ValueTask.FromResult<ISchedulingSession>(new FaultySession(Fault, Path.Combine(_context!.DataDirectory, "asked"), _context.Log));
}
