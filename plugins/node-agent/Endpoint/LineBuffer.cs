namespace Modular.Plugins.NodeAgent.Endpoint;

/// <summary>Cuts what is read from a growing file into lines; what has no end yet is kept for the next read.</summary>
internal sealed class LineBuffer
{
    private byte[] _bytes = new byte[64 * 1024];
    private int _start;
    private int _end;

    /// <summary>Reads on. False if the file has no more at the moment.</summary>
    public async ValueTask<bool> FillAsync(LogFiles file, CancellationToken cancellationToken)
    {
        if (_start > 0)
        {
            _bytes.AsSpan(_start, _end - _start).CopyTo(_bytes);
            (_start, _end) = (0, _end - _start);
        }

        if (_end == _bytes.Length)
        {
            Array.Resize(ref _bytes, _bytes.Length * 2);
        }

        var read = await file.ReadAsync(_bytes.AsMemory(_end), cancellationToken).ConfigureAwait(false);
        _end += read;
        return read > 0;
    }

    /// <summary>The next whole line, without its newline; valid until the next fill.</summary>
    public bool TryRead(out ReadOnlySpan<byte> line)
    {
        var rest = _bytes.AsSpan(_start, _end - _start);
        var newline = rest.IndexOf((byte)'\n');
        if (newline < 0)
        {
            line = default;
            return false;
        }

        line = rest[..newline];
        _start += newline + 1;
        return true;
    }
}
