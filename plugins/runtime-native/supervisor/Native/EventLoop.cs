using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace Modular.RuntimeNative.Supervisor.Native;

/// <summary>Something that can be read, or has ended.</summary>
internal interface IEventSource
{
    /// <summary>Called by one thread at a time, like <see cref="OnClosed"/>. False if the descriptor is done with: the loop closes it.</summary>
    bool OnReadable(int descriptor, Span<byte> scratch);

    /// <summary>The loop has let go of the descriptor.</summary>
    void OnClosed();
}

/// <summary>
/// One thread that waits for the output and the end of all containers; a thread for each would cost more memory than everything else here.
/// </summary>
internal sealed unsafe class EventLoop
{
    private const int Add = 1;
    private const int Delete = 2;
    private const uint Readable = 1;
    private const int Batch = 64;

    // struct epoll_event is packed on x86-64 only.
    private static readonly int EventSize = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;
    private static readonly int DataOffset = EventSize - 8;

    // Held while a source is told something: a descriptor that is closed meanwhile would be read as the file that got its number.
    private readonly Lock _telling = new();
    private readonly ConcurrentDictionary<long, (int Descriptor, IEventSource Source)> _sources = new();
    private readonly int _epoll;
    private long _lastToken;

    public EventLoop()
    {
        _epoll = LibC.epoll_create1(LibC.O_CLOEXEC);
        if (_epoll < 0)
        {
            throw LibC.Failure("epoll_create1");
        }

        new Thread(Run) { IsBackground = true, Name = "containers" }.Start();
    }

    /// <summary>Watches a non-blocking descriptor, which from now on belongs to the loop. Answers a token to close it by.</summary>
    public long Watch(int descriptor, IEventSource source)
    {
        var token = Interlocked.Increment(ref _lastToken);
        _sources[token] = (descriptor, source);
        var change = stackalloc byte[16];
        BinaryPrimitives.WriteUInt32LittleEndian(new Span<byte>(change, 4), Readable);
        BinaryPrimitives.WriteInt64LittleEndian(new Span<byte>(change + DataOffset, 8), token);
        if (LibC.epoll_ctl(_epoll, Add, descriptor, change) != 0)
        {
            _sources.TryRemove(token, out _);
            throw LibC.Failure("epoll_ctl");
        }

        return token;
    }

    /// <summary>Lets go of a descriptor before it ended.</summary>
    public void Close(long token)
    {
        lock (_telling)
        {
            if (!_sources.TryRemove(token, out var entry))
            {
                return;
            }

            _ = LibC.epoll_ctl(_epoll, Delete, entry.Descriptor, null);
            _ = LibC.close(entry.Descriptor);
            entry.Source.OnClosed();
        }
    }

    private void Run()
    {
        var events = new byte[EventSize * Batch];
        var scratch = new byte[64 * 1024];
        while (true)
        {
            int count;
            fixed (byte* pointer = events)
            {
                count = LibC.epoll_wait(_epoll, pointer, Batch, -1);
            }

            for (var index = 0; index < count; index++)
            {
                var token = BinaryPrimitives.ReadInt64LittleEndian(events.AsSpan((index * EventSize) + DataOffset));
                lock (_telling)
                {
                    if (_sources.TryGetValue(token, out var entry) && !entry.Source.OnReadable(entry.Descriptor, scratch))
                    {
                        Close(token);
                    }
                }
            }
        }
    }
}
