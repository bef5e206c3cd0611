using System.Collections.Concurrent;
using System.Security.Cryptography.X509Certificates;
using Google.Protobuf;

namespace Modular.PluginProcess.Contracts;

/// <summary>
/// The certificates that clients have shown. A client shows the same with every request: authenticators get the same object each time, so that
/// they can recognise what they have examined. Thread-safe.
/// </summary>
internal sealed class SeenCertificates
{
    private const int Most = 1024;

    private readonly ConcurrentDictionary<ByteString, X509Certificate2> _seen = new();

    public X509Certificate2 Get(ByteString der)
    {
        if (_seen.TryGetValue(der, out var certificate))
        {
            return certificate;
        }

        if (_seen.Count >= Most)
        {
            // Some may be in use by a request: the collector takes them.
            _seen.Clear();
        }

        return _seen.GetOrAdd(der, shown => X509CertificateLoader.LoadCertificate(shown.Span));
    }
}
