using System.Threading.Channels;
using Modular.Abstractions;

namespace Modular.Plugins.ServiceRouting.Tests;

/// <summary>A proxy and name server that keeps what it is told, and answers what tests want.</summary>
internal sealed class RecordingReceiver : IServiceProxy, IDnsServer
{
    private readonly Channel<ServiceDelta> _deltas = Channel.CreateUnbounded<ServiceDelta>();

    public Func<ServiceDelta, ServiceReport> Answer { get; set; } = static delta => new ServiceReport { Revision = delta.Revision };

    /// <summary>What came, in its order.</summary>
    public ChannelReader<ServiceDelta> Deltas => _deltas.Reader;

    public ValueTask<ServiceReport> ApplyAsync(ServiceDelta delta, CancellationToken cancellationToken)
    {
        var report = Answer(delta);
        _deltas.Writer.TryWrite(delta);
        return ValueTask.FromResult(report);
    }

    public ValueTask<bool> DrainAsync(string address, CancellationToken cancellationToken) => ValueTask.FromResult(false);
}
