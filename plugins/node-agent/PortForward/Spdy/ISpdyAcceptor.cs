namespace Modular.Plugins.NodeAgent.PortForward.Spdy;

/// <summary>What the streams of a connection are for.</summary>
internal interface ISpdyAcceptor
{
    /// <summary>Says why a stream is refused; null if it is not.</summary>
    SpdyReset? Examine(SpdyStream stream);

    /// <summary>Takes a stream, which the peer has been told. Calls come one after the other, and nothing is read meanwhile.</summary>
    void Accept(SpdyStream stream);
}
