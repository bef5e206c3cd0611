using Modular.RuntimeNative.Protocol;

namespace Modular.RuntimeNative.Supervisor.Containers;

/// <summary>Those who are attached to a container: what it writes from now on goes to each of them. Thread-safe.</summary>
internal sealed class OutputAudience
{
    private readonly Lock _lock = new();
    private AttachedClient[] _clients = [];
    private int? _exitCode;

    /// <summary>One more; if the container has ended meanwhile, one who hears just that.</summary>
    public AttachedClient Join()
    {
        var client = new AttachedClient();
        lock (_lock)
        {
            if (_exitCode is { } code)
            {
                client.End(code);
            }
            else
            {
                _clients = [.. _clients, client];
            }
        }

        return client;
    }

    public void Leave(AttachedClient client)
    {
        lock (_lock)
        {
            _clients = [.. _clients.Where(other => other != client)];
        }

        client.Leave();
    }

    /// <summary>Told by the event loop, which must not be held up.</summary>
    public void Publish(FrameType type, ReadOnlySpan<byte> data)
    {
        lock (_lock)
        {
            if (_clients.Length == 0)
            {
                return;
            }

            // One copy for all of them.
            var piece = data.ToArray();
            foreach (var client in _clients)
            {
                client.Offer(type, piece);
            }
        }
    }

    /// <summary>The container has ended, and all it wrote was published.</summary>
    public void End(int exitCode)
    {
        lock (_lock)
        {
            _exitCode = exitCode;
            foreach (var client in _clients)
            {
                client.End(exitCode);
            }

            _clients = [];
        }
    }
}
