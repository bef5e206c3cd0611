namespace Modular.Plugins.NetworkBridge.Routing;

/// <summary>A network interface.</summary>
/// <param name="Index">The number the kernel knows it by.</param>
/// <param name="Name">At most 15 bytes.</param>
/// <param name="Alias">A text that its maker left on it; may be empty.</param>
/// <param name="Mtu">The largest packet in bytes.</param>
internal sealed record Link(int Index, string Name, string Alias, int Mtu);
