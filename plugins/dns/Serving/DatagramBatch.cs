using System.Runtime.InteropServices;

namespace Modular.Plugins.Dns.Serving;

/// <summary>Memory for the datagrams that are received, and for their answers, in one go. It stays where it is, for the kernel to write to.</summary>
internal sealed unsafe class DatagramBatch : IDisposable
{
    /// <summary>How many datagrams are taken with one call.</summary>
    public const int Size = 32;

    /// <summary>Longer questions are no questions.</summary>
    private const int RequestSize = 2048;

    private const int ResponseSize = Wire.MessageHeader.LargestPayload;

    private readonly CountedDatagram* _received = Allocate<CountedDatagram>(Size);
    private readonly CountedDatagram* _answers = Allocate<CountedDatagram>(Size);
    private readonly DatagramPiece* _pieces = Allocate<DatagramPiece>(2 * Size);
    private readonly byte* _addresses = Allocate<byte>(Size * DatagramCalls.AddressSize);
    private readonly byte* _requests = Allocate<byte>(Size * RequestSize);
    private readonly byte* _responses = Allocate<byte>(Size * ResponseSize);
    private int _answerCount;
    private bool _disposed;

    public DatagramBatch()
    {
        for (var i = 0; i < Size; i++)
        {
            _pieces[i] = new DatagramPiece { Bytes = _requests + (i * RequestSize), Length = RequestSize };
            _received[i].Header = new DatagramHeader { Address = _addresses + (i * DatagramCalls.AddressSize), Pieces = _pieces + i, PieceCount = 1 };
            _pieces[Size + i] = new DatagramPiece { Bytes = _responses + (i * ResponseSize) };
            _answers[i].Header = new DatagramHeader { Pieces = _pieces + Size + i, PieceCount = 1 };
        }
    }

    /// <summary>Takes what is there, without waiting. Negative if nothing is; the error then says why.</summary>
    public int Receive(int socket)
    {
        _answerCount = 0;
        for (var i = 0; i < Size; i++)
        {
            _received[i].Header.AddressLength = DatagramCalls.AddressSize;
        }

        return DatagramCalls.ReceiveMany(socket, _received, Size, DatagramCalls.DontWait, null);
    }

    /// <summary>A datagram that was received; empty if it was longer than there is room.</summary>
    public ReadOnlySpan<byte> Request(int index) => (_received[index].Header.Flags & DatagramCalls.TruncatedFlag) != 0
        ? []
        : new ReadOnlySpan<byte>(_pieces[index].Bytes, (int)_received[index].Length);

    /// <summary>Who sent it.</summary>
    public ReadOnlySpan<byte> Sender(int index) => new(_received[index].Header.Address, (int)_received[index].Header.AddressLength);

    /// <summary>Room for the next answer.</summary>
    public Span<byte> NextResponse => new(_pieces[Size + _answerCount].Bytes, ResponseSize);

    /// <summary>Keeps the next answer for sending it to whom it is for.</summary>
    public void Answer(int index, int length)
    {
        _answers[_answerCount].Header.Address = _received[index].Header.Address;
        _answers[_answerCount].Header.AddressLength = _received[index].Header.AddressLength;
        _pieces[Size + _answerCount].Length = (nuint)length;
        _answerCount++;
    }

    /// <summary>Sends all answers. What it answers is how many could not be sent.</summary>
    public int Send(int socket)
    {
        var unsent = 0;
        for (var sent = 0; sent < _answerCount;)
        {
            var count = DatagramCalls.SendMany(socket, _answers + sent, (uint)(_answerCount - sent), DatagramCalls.DontWait);
            if (count > 0)
            {
                sent += count;
            }
            else if (Marshal.GetLastPInvokeError() != DatagramCalls.Interrupted)
            {
                // One that cannot be sent must not hold up those behind it; its client asks again.
                unsent++;
                sent++;
            }
        }

        return unsent;
    }

    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        NativeMemory.Free(_received);
        NativeMemory.Free(_answers);
        NativeMemory.Free(_pieces);
        NativeMemory.Free(_addresses);
        NativeMemory.Free(_requests);
        NativeMemory.Free(_responses);
    }

    private static T* Allocate<T>(int count)
        where T : unmanaged => (T*)NativeMemory.AllocZeroed((nuint)count, (nuint)sizeof(T));
}
