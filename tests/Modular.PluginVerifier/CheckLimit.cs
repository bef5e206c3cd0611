using System.Globalization;

namespace Modular.PluginVerifier;

/// <summary>
/// Ends this program when a check takes too long. Code that hangs in this process can't be stopped otherwise; a plugin in a process of its own ends
/// with its parent.
/// </summary>
/// <param name="limit">How long a check, its plugin's start and end included, may take.</param>
internal sealed class CheckLimit(TimeSpan limit) : IAsyncDisposable
{
    private Timer? _timer;

    /// <summary>A check begins. One at a time.</summary>
    public void Begin(string check) => _timer = new Timer(_ => GiveUp(check), null, limit, Timeout.InfiniteTimeSpan);

    /// <summary>It has ended.</summary>
    public void End() => Interlocked.Exchange(ref _timer, null)?.Dispose();

    public ValueTask DisposeAsync() => Interlocked.Exchange(ref _timer, null)?.DisposeAsync() ?? ValueTask.CompletedTask;

    private void GiveUp(string check)
    {
        Console.WriteLine($"failed  {check}");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"        it has not ended within {limit.TotalSeconds:0.###} s; the plugin hangs, or --timeout has to be longer"));
        Console.Error.WriteLine("modular: the checks after it were not made");
        Environment.Exit(1);
    }
}
