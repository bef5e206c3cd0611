using System.Security.Cryptography.X509Certificates;

namespace Modular.Plugins.AuthCertificate;

/// <summary>
/// The authorities of a PEM file, which is looked at once a second at most. One that is replaced counts from then on; one that became unreadable changes nothing.
/// </summary>
internal sealed class TrustedAuthorities : IDisposable
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);

    private readonly string _path;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private DateTime _written;
    private long _looked;
    private volatile X509Certificate2Collection _certificates;

    /// <summary>Reads the file.</summary>
    /// <exception cref="InvalidDataException">There is no certificate in it.</exception>
    public TrustedAuthorities(string path, TimeProvider time)
    {
        _path = path;
        _time = time;
        _looked = time.GetTimestamp();
        _written = File.GetLastWriteTimeUtc(path);
        _certificates = Read(path);
    }

    /// <summary>The authorities as of now.</summary>
    public X509Certificate2Collection Current()
    {
        if (_time.GetElapsedTime(Volatile.Read(ref _looked)) < LookInterval)
        {
            return _certificates;
        }

        lock (_lock)
        {
            Volatile.Write(ref _looked, _time.GetTimestamp());
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
                    // Half a file, seen while it is written. A later request looks again.
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
