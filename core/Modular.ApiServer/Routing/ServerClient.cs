using System.Net;
using System.Text;

namespace Modular.ApiServer;

/// <summary>Sends requests to servers in the cluster as they are.</summary>
internal sealed class ServerClient() : HttpMessageInvoker(new SocketsHttpHandler
{
    UseProxy = false,
    UseCookies = false,
    AllowAutoRedirect = false,
    AutomaticDecompression = DecompressionMethods.None,
    ActivityHeadersPropagator = null,
    RequestHeaderEncodingSelector = static (_, _) => Encoding.UTF8,
    ResponseHeaderEncodingSelector = static (_, _) => Encoding.UTF8,
    ConnectTimeout = TimeSpan.FromSeconds(30),
    PooledConnectionIdleTimeout = TimeSpan.FromSeconds(15),
    // Who answers was found by its address: its certificate is not verified, as Kubernetes has it.
#pragma warning disable CA5359
    SslOptions = { RemoteCertificateValidationCallback = static (_, _, _, _) => true },
#pragma warning restore CA5359
});
