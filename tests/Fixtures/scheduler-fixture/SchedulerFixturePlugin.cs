using Modular.Abstractions;

namespace Modular.Plugins.SchedulerFixture;

/// <summary>Writes its steps to a file, and fails at the one its configuration names; lingers if that says so.</summary>
public sealed class SchedulerFixturePlugin : IPlugin, IScheduler, ILingering
{
    private IPluginContext? _context;

    private string FailAt => _context!.Configuration.TryGetProperty("failAt", out var step) ? step.GetString()! : "";

    public bool Lingers => _context!.Configuration.TryGetProperty("lingers", out var lingers) && lingers.GetBoolean();

    public Task LingerAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public ValueTask ProvisionAsync(IPluginContext context, CancellationToken cancellationToken)
    {
        _context = context;
        Step("provision");
        if (FailAt == "promise")
        {
            return ValueTask.CompletedTask;
        }

        context.Provide<IScheduler>(this);
        return FailAt == "provision" ? throw new InvalidOperationException("provisioning went wrong") : ValueTask.CompletedTask;
    }

    public async ValueTask StartAsync(CancellationToken cancellationToken)
    {
        Step("start");
        if (FailAt == "start")
        {
            throw new InvalidOperationException("starting went wrong");
        }

        if (FailAt == "hang")
        {
            await Task.Delay(Timeout.Infinite, CancellationToken.None);
        }

        if (FailAt == "ready")
        {
            _context!.SetReady(false, "Warming", "reads its tables");
        }

        if (FailAt == "fatal")
        {
            _context!.Fatal("the disk is gone");
        }
    }

    public ValueTask StopAsync(StopReason reason, CancellationToken cancellationToken)
    {
        Step($"stop {reason}");
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        if (_context is not null)
        {
            Step("dispose");
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask<ISchedulingSession> OpenAsync(SchedulingSessionOptions options, CancellationToken cancellationToken) =>
        throw new NotSupportedException($"{_context!.Self.Version} opens no sessions");

    private void Step(string step) =>
        File.AppendAllText(Path.Combine(_context!.DataDirectory, "steps"), $"{_context.Self.Version} {step}\n");
}
