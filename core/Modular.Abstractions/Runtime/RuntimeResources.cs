namespace Modular.Abstractions;

/// <summary>What a container, or all containers of a sandbox together, may use of the machine. 0 stands for no limit.</summary>
public sealed record RuntimeResources
{
    /// <summary>Nothing asked for, nothing limited.</summary>
    public static RuntimeResources None { get; } = new();

    /// <summary>The share of the processors under contention, in thousandths of one.</summary>
    public long MilliCpuRequest { get; init; }

    /// <summary>The most processor time, in thousandths of one.</summary>
    public long MilliCpuLimit { get; init; }

    /// <summary>Bytes of memory that are kept for it as far as possible.</summary>
    public long MemoryRequest { get; init; }

    /// <summary>Bytes of memory; who asks for more is killed.</summary>
    public long MemoryLimit { get; init; }

    /// <summary>Processes and threads.</summary>
    public long PidsLimit { get; init; }

    /// <summary>Who goes first when the machine has no memory left: from -1000, never, to 1000, first.</summary>
    public int OomScoreAdjustment { get; init; }
}
