using System.Buffers.Binary;
using System.Net.Sockets;
using Modular.RuntimeNative.Protocol;
using Modular.RuntimeNative.Supervisor.Containers;

namespace Modular.RuntimeNative.Supervisor.Server;

/// <summary>Carries what a client types, and how large its terminal is, to a program.</summary>
internal sealed class ClientInput(Wire wire, ProgramInput input, bool tty)
{
    /// <summary>Goes on until the client has gone.</summary>
    /// <param name="takesInput">Whether the client may type.</param>
    /// <param name="onEnd">Told that the client's input has ended.</param>
    public async Task ReceiveAsync(bool takesInput, Action onEnd)
    {
        try
        {
            while (await wire.ReadFrameAsync(CancellationToken.None).ConfigureAwait(false) is { } frame)
            {
                switch (frame.Type)
                {
                    case FrameType.Input when takesInput:
                        var data = frame.Data;
                        await Task.Factory.StartNew(() => input.Write(data.Span, wire.Descriptor), TaskCreationOptions.LongRunning).ConfigureAwait(false);
                        break;
                    case FrameType.EndOfInput when takesInput:
                        onEnd();
                        break;
                    case FrameType.Resize when tty:
                        input.Resize(
                            BinaryPrimitives.ReadUInt16BigEndian(frame.Data.Span), BinaryPrimitives.ReadUInt16BigEndian(frame.Data.Span[2..]));
                        break;
                    default:
                        break;
                }
            }
        }
        catch (Exception exception) when (exception is IOException or SocketException or ObjectDisposedException)
        {
            // As if the client had closed.
        }
    }

    /// <summary>Tells the program that no more comes.</summary>
    public void End()
    {
        if (tty)
        {
            // Ctrl-D is how a terminal says it.
            input.Write([4], wire.Descriptor);
        }
        else
        {
            input.Close();
        }
    }
}
