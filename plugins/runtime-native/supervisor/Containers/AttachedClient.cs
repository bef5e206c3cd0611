using System.Buffers.Binary;
using System.Text;
using Modular.RuntimeNative.Protocol;

namespace Modular.RuntimeNative.Supervisor.Containers;

/// <summary>
/// Output on its way to one who is attached. Nobody waits for him: so much is kept until he reads it, and who lags further behind hears no more.
/// Thread-safe; one reads.
/// </summary>
internal sealed class AttachedClient
{
    /// <summary>More than a burst on a terminal, and little enough for many clients.</summary>
    public const int MostWaiting = 8 * 1024 * 1024;

    private static readonly byte[] TooSlow = Encoding.UTF8.GetBytes(
        $"the output was not read for so long that {MostWaiting / 1024 / 1024} MiB of it were waiting; see the log");

    private readonly Lock _lock = new();
    private readonly Queue<(FrameType Type, byte[] Data)> _waiting = new();
    private TaskCompletionSource? _more;
    private int _bytes;
    private bool _ended;

    /// <summary>Takes a piece of output, at once.</summary>
    public void Offer(FrameType type, byte[] data)
    {
        lock (_lock)
        {
            if (_ended)
            {
                return;
            }

            if (_bytes + data.Length > MostWaiting)
            {
                _waiting.Clear();
                _ended = true;
                (type, data) = (FrameType.Lost, TooSlow);
            }

            _bytes += data.Length;
            Add(type, data);
        }
    }

    /// <summary>Nothing comes after what was offered until now.</summary>
    public void End(int exitCode)
    {
        var code = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(code, exitCode);
        lock (_lock)
        {
            if (!_ended)
            {
                _ended = true;
                Add(FrameType.Exit, code);
            }
        }
    }

    /// <summary>The client has gone: nothing is kept for it any more.</summary>
    public void Leave()
    {
        lock (_lock)
        {
            _ended = true;
            _waiting.Clear();
            _more?.TrySetResult();
        }
    }

    /// <summary>The next piece; null after the last.</summary>
    public async ValueTask<(FrameType Type, byte[] Data)?> NextAsync()
    {
        while (true)
        {
            Task more;
            lock (_lock)
            {
                if (_waiting.TryDequeue(out var piece))
                {
                    _bytes -= piece.Data.Length;
                    return piece;
                }

                if (_ended)
                {
                    return null;
                }

                _more = new(TaskCreationOptions.RunContinuationsAsynchronously);
                more = _more.Task;
            }

            await more.ConfigureAwait(false);
        }
    }

    private void Add(FrameType type, byte[] data)
    {
        _waiting.Enqueue((type, data));
        _more?.TrySetResult();
    }
}
