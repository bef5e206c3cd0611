using System.IO.Pipelines;

namespace Modular.Plugins.NodeAgent.PortForward;

/// <summary>One of the two streams of a forwarded connection, as its client sees it: data, or what went wrong.</summary>
internal interface IForwardedStream
{
    /// <summary>What the client sends; complete once it sends no more, with an error if it has gone.</summary>
    PipeReader Input { get; }

    ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken);

    /// <summary>Says that no more is written.</summary>
    ValueTask FinishAsync(CancellationToken cancellationToken);
}
