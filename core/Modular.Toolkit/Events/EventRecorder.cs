using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Modular.Abstractions;
using Modular.ApiMachinery;

namespace Modular.Toolkit;

/// <summary>
/// Writes v1 Events in the background. The same happening again counts up the Event there is; an object that reports too much is
/// cut short. Recording never waits and never fails. Thread-safe.
/// </summary>
public sealed partial class EventRecorder : IAsyncDisposable
{
    private const int LongestBacklog = 8192;

    private readonly IApiClient _api;
    private readonly EventAggregation _aggregation;
    private readonly ILogger _log;
    private readonly Channel<EventOccurrence> _backlog;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task[] _writers;

    /// <summary>Starts the writers.</summary>
    /// <param name="api">Needs create and patch on events.</param>
    /// <param name="component">Who reports, such as <c>default-scheduler</c>.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Told of events that could not be written.</param>
    /// <param name="host">The node that reports; empty for none.</param>
    public EventRecorder(IApiClient api, string component, TimeProvider time, ILogger log, string host = "")
    {
        _api = api;
        _log = log;
        _aggregation = new EventAggregation(component, host, time);
        _backlog = Channel.CreateBounded<EventOccurrence>(new BoundedChannelOptions(LongestBacklog)
        {
            FullMode = BoundedChannelFullMode.DropWrite,
            SingleReader = true,
        });
        _writers = [Task.Run(() => WriteAsync(_stop.Token))];
    }

    /// <summary>Something normal happened to an object.</summary>
    public void Normal(ApiObject about, string reason, string message) => Record(EventOccurrence.About(about, "Normal", reason, message));

    /// <summary>Something went wrong with an object.</summary>
    public void Warning(ApiObject about, string reason, string message) => Record(EventOccurrence.About(about, "Warning", reason, message));

    /// <summary>Something happened.</summary>
    public void Record(EventOccurrence occurrence) => _backlog.Writer.TryWrite(occurrence);

    /// <summary>Writes what was recorded, as far as it goes within a second, then stops.</summary>
    public async ValueTask DisposeAsync()
    {
        _backlog.Writer.TryComplete();
        _stop.CancelAfter(TimeSpan.FromSeconds(1));
        await Task.WhenAll(_writers).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task WriteAsync(CancellationToken stop)
    {
        await foreach (var occurrence in _backlog.Reader.ReadAllAsync(stop).ConfigureAwait(false))
        {
            try
            {
                await WriteOneAsync(occurrence, stop).ConfigureAwait(false);
            }
            catch (ApiException error)
            {
                LogLost(occurrence.Reason, occurrence.Name, error.Message);
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                LogLost(occurrence.Reason, occurrence.Name, error.ToString());
            }
        }
    }

    private async Task WriteOneAsync(EventOccurrence occurrence, CancellationToken stop)
    {
        if (_aggregation.Place(occurrence) is not { } write)
        {
            return;
        }

        if (write.Patch is not null)
        {
            try
            {
                await _api.PatchAsync(write.Name, PatchType.Merge, write.Patch, "", stop).ConfigureAwait(false);
                return;
            }
            catch (ApiException error) when (error.Reason == StatusReason.NotFound)
            {
                // The Event expired meanwhile; a new one takes its place.
            }
        }

        await _api.CreateAsync(write.Name.Resource, write.Name.Namespace, write.Object, stop).ConfigureAwait(false);
    }

    [LoggerMessage(LogLevel.Debug, "event {Reason} of {Name} was not written: {Error}")]
    private partial void LogLost(string reason, string name, string error);
}
