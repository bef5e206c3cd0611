using System.Threading.Channels;
using Protocol = Modular.PluginProcess.Protocol;

namespace Modular.PluginProcess.Child;

/// <summary>What the plugin last said of itself, for the host that watches. Thread-safe.</summary>
internal sealed class ReadyState
{
    private readonly Lock _lock = new();
    private readonly Channel<Protocol.Condition> _news = Channel.CreateBounded<Protocol.Condition>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });

    private Protocol.Condition _last = new() { Ready = true };

    public void Set(bool ready, string reason, string message)
    {
        lock (_lock)
        {
            _last = new() { Ready = ready, Reason = reason, Message = message, Renewals = _last.Renewals };
            _news.Writer.TryWrite(_last);
        }
    }

    public void Renew()
    {
        lock (_lock)
        {
            _last = new(_last) { Renewals = _last.Renewals + 1 };
            _news.Writer.TryWrite(_last);
        }
    }

    public IAsyncEnumerable<Protocol.Condition> ReadAsync(CancellationToken cancellationToken) => _news.Reader.ReadAllAsync(cancellationToken);
}
