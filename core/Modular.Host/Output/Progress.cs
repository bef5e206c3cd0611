namespace Modular.Host.Output;

/// <summary>Says on standard error what is going on, once it takes longer than a second; nothing before, and nothing where nobody looks.</summary>
internal sealed class Progress : IAsyncDisposable
{
    private readonly CancellationTokenSource _done = new();
    private readonly Task _shown;

    private Progress(string what) => _shown = ShowAsync(what, _done.Token);

    public static Progress Start(string what) => new(what);

    public async ValueTask DisposeAsync()
    {
        await _done.CancelAsync();
        await _shown;
        _done.Dispose();
    }

    private static async Task ShowAsync(string what, CancellationToken done)
    {
        var dots = 0;
        try
        {
            await Task.Delay(TimeSpan.FromSeconds(1), done);
            await Console.Error.WriteAsync(what);
            while (true)
            {
                await Console.Error.WriteAsync(" .");
                dots++;
                await Task.Delay(TimeSpan.FromSeconds(1), done);
            }
        }
        catch (OperationCanceledException)
        {
            if (dots > 0)
            {
                await Console.Error.WriteLineAsync();
            }
        }
    }
}
