namespace Modular.PluginLoader;

/// <summary>What a plugin may take of the machine. Only one in a process of its own can be held to it.</summary>
public sealed record PluginLimits
{
    public static PluginLimits None { get; } = new();

    /// <summary>Bytes of memory of its own; 0 for no limit.</summary>
    public long Memory { get; init; }

    /// <summary>Thousandths of a CPU; 0 for no limit.</summary>
    public long MilliCpu { get; init; }
}
