using System.Globalization;
using System.Text;

namespace Modular.Plugins.NodeAgent.Endpoint;

/// <summary>A line of a log file in CRI format; a slice of the buffer it was read into.</summary>
internal readonly ref struct CriLine
{
    private CriLine(ReadOnlySpan<byte> time, ReadOnlySpan<byte> stream, bool complete, ReadOnlySpan<byte> content)
    {
        Time = time;
        Stream = stream;
        IsComplete = complete;
        Content = content;
    }

    public ReadOnlySpan<byte> Time { get; }

    public ReadOnlySpan<byte> Stream { get; }

    /// <summary>False if the container's line goes on in the next one.</summary>
    public bool IsComplete { get; }

    public ReadOnlySpan<byte> Content { get; }

    /// <summary>Reads a line without its newline. False for what is no such line.</summary>
    public static bool TryParse(ReadOnlySpan<byte> line, out CriLine result)
    {
        result = default;
        var first = line.IndexOf((byte)' ');
        var second = first < 0 ? -1 : line[(first + 1)..].IndexOf((byte)' ') + first + 1;
        if (second <= first)
        {
            return false;
        }

        var third = line[(second + 1)..].IndexOf((byte)' ') + second + 1;
        if (third <= second)
        {
            return false;
        }

        result = new CriLine(line[..first], line[(first + 1)..second], line[second + 1] == (byte)'F', line[(third + 1)..]);
        return true;
    }

    public bool IsSince(DateTimeOffset since) =>
        DateTimeOffset.TryParse(Encoding.ASCII.GetString(Time), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) && time >= since;
}
