namespace Modular.Plugins.NodeAgent.PortForward.Spdy;

/// <summary>The peer breaks the protocol: its connection can't go on.</summary>
internal sealed class SpdyException(string message) : Exception(message);
