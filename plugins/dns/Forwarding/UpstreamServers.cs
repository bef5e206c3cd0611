using System.Net;

namespace Modular.Plugins.Dns.Forwarding;

/// <summary>
/// The servers that know all other names: those of the configuration, otherwise the machine's, whose file is read again when it changed.
/// This server itself is never among them.
/// </summary>
internal sealed class UpstreamServers(IReadOnlyList<IPEndPoint> configured, string resolverFile, IReadOnlyList<IPEndPoint> own)
{
    private const int Port = 53;

    private readonly Lock _lock = new();
    private readonly IReadOnlyList<IPEndPoint> _configured = [.. configured.Where(server => !own.Contains(server))];
    private DateTime _written;
    private IReadOnlyList<IPEndPoint> _machine = [];

    /// <summary>The servers as of now, in the order in which they are asked.</summary>
    public IReadOnlyList<IPEndPoint> Current()
    {
        if (configured.Count > 0)
        {
            return _configured;
        }

        lock (_lock)
        {
            var written = File.GetLastWriteTimeUtc(resolverFile);
            if (written != _written)
            {
                try
                {
                    _machine = [.. Read(File.ReadAllLines(resolverFile)).Where(server => !own.Contains(server))];
                    _written = written;
                }
                catch (Exception error) when (error is IOException or UnauthorizedAccessException)
                {
                    // The servers that were read last still answer, as far as anybody knows.
                }
            }

            return _machine;
        }
    }

    private static IEnumerable<IPEndPoint> Read(string[] lines)
    {
        foreach (var line in lines)
        {
            var words = line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            if (words is ["nameserver", var address, ..] && IPAddress.TryParse(address, out var server))
            {
                yield return new IPEndPoint(server, Port);
            }
        }
    }
}
