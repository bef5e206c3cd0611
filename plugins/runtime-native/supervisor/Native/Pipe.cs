namespace Modular.RuntimeNative.Supervisor.Native;

/// <summary>The two ends of a new pipe; neither is inherited by children that are not given it.</summary>
internal readonly record struct Pipe(int Read, int Write)
{
    /// <summary>No pipe.</summary>
    public static Pipe None { get; } = new(-1, -1);

    public static unsafe Pipe Create()
    {
        var ends = stackalloc int[2];
        return LibC.pipe2(ends, LibC.O_CLOEXEC) == 0 ? new Pipe(ends[0], ends[1]) : throw LibC.Failure("pipe2");
    }

    public void MakeReadNonBlocking() => _ = LibC.fcntl(Read, LibC.F_SETFL, LibC.O_NONBLOCK);

    public void MakeWriteNonBlocking() => _ = LibC.fcntl(Write, LibC.F_SETFL, LibC.O_NONBLOCK);

    public void CloseRead() => _ = LibC.close(Read);

    public void CloseWrite() => _ = LibC.close(Write);

    public void Close()
    {
        CloseRead();
        CloseWrite();
    }
}
