namespace Modular.Plugins.StoreEmbedded.Tests;

/// <summary>A file as processes see it, and what of it would survive a loss of power.</summary>
internal sealed class SimulatedFile
{
    private const int Sector = 512;

    private readonly SortedSet<long> _dirty = [];

    public SimulatedFile()
    {
    }

    public SimulatedFile(SimulatedFile other)
    {
        Content = [.. other.Content];
        Durable = [.. other.Durable];
        _dirty.UnionWith(other._dirty);
    }

    public byte[] Content { get; private set; } = [];

    public byte[] Durable { get; private set; } = [];

    public void Write(ReadOnlySpan<byte> bytes, long position)
    {
        if (position + bytes.Length > Content.Length)
        {
            var larger = new byte[position + bytes.Length];
            Content.CopyTo(larger, 0);
            Content = larger;
        }

        bytes.CopyTo(Content.AsSpan((int)position));
        for (var sector = position / Sector; sector * Sector < position + bytes.Length; sector++)
        {
            _dirty.Add(sector);
        }
    }

    public void Sync()
    {
        if (Durable.Length != Content.Length)
        {
            var same = new byte[Content.Length];
            Durable.AsSpan(0, Math.Min(Durable.Length, same.Length)).CopyTo(same);
            Durable = same;
        }

        foreach (var sector in _dirty)
        {
            Copy(sector, Durable);
        }

        _dirty.Clear();
    }

    /// <summary>What a disk holds on which some of the sectors that were not flushed arrived.</summary>
    public byte[] AfterPowerLoss(Func<bool> arrives)
    {
        var length = arrives() ? Math.Max(Content.Length, Durable.Length) : Durable.Length;
        var left = new byte[length];
        Durable.AsSpan(0, Math.Min(Durable.Length, length)).CopyTo(left);
        foreach (var sector in _dirty)
        {
            if (arrives())
            {
                Copy(sector, left);
            }
        }

        return left;
    }

    public static SimulatedFile Of(byte[] content) => new() { Content = [.. content], Durable = [.. content] };

    private void Copy(long sector, byte[] target)
    {
        var start = (int)(sector * Sector);
        var end = Math.Min(start + Sector, Math.Min(Content.Length, target.Length));
        if (end > start)
        {
            Content.AsSpan(start..end).CopyTo(target.AsSpan(start));
        }
    }
}
