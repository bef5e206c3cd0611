using System.Runtime.InteropServices;
using Modular.RuntimeNative.Protocol;
using Modular.RuntimeNative.Supervisor.Containers;
using Modular.RuntimeNative.Supervisor.Native;

namespace Modular.RuntimeNative.Supervisor.Logs;

/// <summary>Carries one output of a container from its pipe or terminal into its log, cut into lines, and as it is to those who are attached.</summary>
internal sealed unsafe class OutputStream(string name, FrameType type, ContainerLog log, OutputAudience audience) : IEventSource
{
    /// <summary>Longer lines are split, so that one line can't take all memory.</summary>
    public const int MaxLine = 16 * 1024;

    private readonly byte[] _name = System.Text.Encoding.ASCII.GetBytes(name);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private byte[] _rest = [];
    private int _restLength;

    /// <summary>Completes when everything is in the log and no more can come.</summary>
    public Task Ended => _ended.Task;

    public bool OnReadable(int descriptor, Span<byte> scratch)
    {
        nint read;
        fixed (byte* pointer = scratch)
        {
            read = LibC.read(descriptor, pointer, scratch.Length);
        }

        if (read < 0)
        {
            return Marshal.GetLastPInvokeError() is LibC.EINTR or LibC.EAGAIN;
        }

        if (read == 0)
        {
            return false;
        }

        log.Stamp();
        Split(scratch[..(int)read]);
        log.Flush();
        audience.Publish(type, scratch[..(int)read]);
        return true;
    }

    public void OnClosed()
    {
        if (_restLength > 0)
        {
            log.Stamp();
            EmitRest(complete: true);
            log.Flush();
        }

        log.Release();
        _ended.TrySetResult();
    }

    private void Split(ReadOnlySpan<byte> data)
    {
        while (data.Length > 0)
        {
            var newline = data.IndexOf((byte)'\n');
            var room = MaxLine - _restLength;
            if (newline >= 0 && newline <= room)
            {
                Emit(complete: true, data[..newline]);
                data = data[(newline + 1)..];
            }
            else if (data.Length > room)
            {
                Emit(complete: false, data[..room]);
                data = data[room..];
            }
            else
            {
                Keep(data);
                return;
            }
        }
    }

    private void Emit(bool complete, ReadOnlySpan<byte> content)
    {
        if (_restLength == 0)
        {
            log.Append(_name, complete, content);
            return;
        }

        Keep(content);
        EmitRest(complete);
    }

    private void EmitRest(bool complete)
    {
        log.Append(_name, complete, _rest.AsSpan(0, _restLength));
        _restLength = 0;
    }

    private void Keep(ReadOnlySpan<byte> content)
    {
        if (_rest.Length < _restLength + content.Length)
        {
            Array.Resize(ref _rest, Math.Min(MaxLine, Math.Max(_restLength + content.Length, _rest.Length * 2)));
        }

        content.CopyTo(_rest.AsSpan(_restLength));
        _restLength += content.Length;
    }
}
