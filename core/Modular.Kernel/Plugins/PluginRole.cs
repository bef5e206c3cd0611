namespace Modular.Kernel.Plugins;

/// <summary>A role and what fills it now. Changed by the host alone.</summary>
internal sealed class PluginRole(PluginSlot slot, int order, bool bootstrap)
{
    private (PluginIdentity? Of, bool Ready, string Reason, string Message) _ready;

    public string Name => Slot.Name;

    /// <summary>The place in the distribution; among several providers of a contract, earlier roles come first.</summary>
    public int Order { get; } = order;

    public PluginSlot Slot { get; set; } = slot;

    public PluginInstance? Instance { get; set; }

    /// <summary>Plugins stop in the reverse of these.</summary>
    public long StartNumber { get; set; }

    public PluginStatus Status { get; set; } = new() { Name = slot.Name, Slot = slot, Plugin = slot.Plugin, Version = slot.Version, Bootstrap = bootstrap };

    public void SetReady(PluginIdentity identity, bool ready, string reason, string message) => _ready = (identity, ready, reason, message);

    /// <summary>What an instance said of itself last; ready if it said nothing.</summary>
    public (bool Ready, string Reason, string Message) ReadyOf(PluginIdentity identity) =>
        _ready.Of == identity ? (_ready.Ready, _ready.Reason, _ready.Message) : (true, "", "");
}
