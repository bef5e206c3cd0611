using System.Net;

namespace Modular.Plugins.ProxyYarp.Routing;

/// <summary>The endpoints that one connection may try, in their order: each at most once, and not endlessly many.</summary>
internal struct BackendChoice(Backend[] ready, int first, ClientAffinity? affinity, IPAddress client)
{
    private const int MostAttempts = 8;

    private int _tried;

    /// <summary>The next one to try; null if there is none.</summary>
    public Backend? Next()
    {
        if (ready is null || _tried == Math.Min(ready.Length, MostAttempts))
        {
            return null;
        }

        var backend = ready[(first + _tried) % ready.Length];
        if (_tried++ > 0)
        {
            // The client's own did not answer; it stays with the one that does.
            affinity?.Move(client, backend);
        }

        return backend;
    }
}
