using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace Modular.ApiServer;

/// <summary>How the API is served.</summary>
public sealed record ApiServerOptions
{
    /// <summary>The addresses to listen on. Port 0 takes a free one; <see cref="ApiHttpServer.Addresses"/> then says which.</summary>
    public required IReadOnlyList<IPEndPoint> Listen { get; init; }

    /// <summary>The server's certificate with its key; null serves without TLS, which is for tests.</summary>
    public X509Certificate2? ServerCertificate { get; init; }

    /// <summary>Certificates between the server's own and the root, sent along.</summary>
    public X509Certificate2Collection Intermediates { get; init; } = [];

    /// <summary>The largest request body, in bytes.</summary>
    public long BodyLimit { get; init; } = 3 * 1024 * 1024;

    /// <summary>How long a client may take for the headers of a request.</summary>
    public TimeSpan HeaderTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a client may send a body slower than a few hundred bytes a second; more than a second.</summary>
    public TimeSpan BodyGrace { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a connection without requests stays open.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(180);

    /// <summary>How long a watch lasts at least, if the client sets no timeout; at most twice as long, so that not all end together.</summary>
    public TimeSpan WatchDuration { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>How long running requests may take to end when the server stops.</summary>
    public TimeSpan ShutdownTimeout { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>What <c>/version</c> says.</summary>
    public required ServerVersion Version { get; init; }
}
