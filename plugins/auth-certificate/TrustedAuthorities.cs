using System.Security.Cryptography.X509Certificates;

namespace Modular.Plugins.AuthCertificate;

/// <summary>The authorities of a PEM file. A file that is replaced counts from then on; one that became unreadable changes nothing.</summary>
internal sealed class TrustedAuthorities : IDisposable
{
    private readonly string _path;
    private readonly Lock _lock = new();
    private DateTime _written;
    private X509Certificate2Collection _certificates;

    /// <summary>Reads the file.</summary>
    /// <exception cref="InvalidDataException">There is no certificate in it.</exception>
    public TrustedAuthorities(string path)
    {
        _path = path;
        _written = File.GetLastWriteTimeUtc(path);
        _certificates = Read(path);
    }

    /// <summary>The authorities as of now.</summary>
    public X509Certificate2Collection Current()
    {
        lock (_lock)
        {
            var written = File.GetLastWriteTimeUtc(_path);
            if (written != _written && File.Exists(_path))
            {
                try
                {
                    // The replaced certificates may still be in use by a request: the collector takes them.
                    _certificates = Read(_path);
                    _written = written;
                }
                catch (Exception e) when (e is IOException or InvalidDataException or System.Security.Cryptography.CryptographicException)
                {
                    // Half a file, seen while it is written. The next request looks again.
                }
            }

            return _certificates;
        }
    }

    public void Dispose()
    {
        foreach (var certificate in _certificates)
        {
            certificate.Dispose();
        }
    }

    private static X509Certificate2Collection Read(string path)
    {
        var certificates = new X509Certificate2Collection();
        certificates.ImportFromPemFile(path);
        return certificates.Count > 0 ? certificates : throw new InvalidDataException("it holds no certificate");
    }
}
