using System.Threading.Channels;
using Protocol = Modular.PluginProcess.Protocol;

namespace Modular.PluginProcess.Child;

/// <summary>What the plugin last said of itself, for the host that watches. Thread-safe.</summary>
internal sealed class ReadyState
{
    private readonly Channel<Protocol.Condition> _last = Channel.CreateBounded<Protocol.Condition>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });

    public void Set(bool ready, string reason, string message) =>
        _last.Writer.TryWrite(new Protocol.Condition { Ready = ready, Reason = reason, Message = message });

    public IAsyncEnumerable<Protocol.Condition> ReadAsync(CancellationToken cancellationToken) => _last.Reader.ReadAllAsync(cancellationToken);
}
