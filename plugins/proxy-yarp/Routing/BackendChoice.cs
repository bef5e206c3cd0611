using System.Net;

namespace Modular.Plugins.ProxyYarp.Routing;

/// <summary>
/// The endpoints that one connection may try, in their order: each at most once, not endlessly many, and those that are about to end last.
/// </summary>
internal struct BackendChoice(Backend[] ready, int first, Drains drains, ClientAffinity? affinity, IPAddress client)
{
    private const int MostAttempts = 8;

    private int _looked;
    private int _tried;

    /// <summary>The next one to try; null if there is none.</summary>
    public Backend? Next()
    {
        if (ready is null)
        {
            return null;
        }

        var rounds = drains.Any ? 2 : 1;
        while (_tried < MostAttempts && _looked < rounds * ready.Length)
        {
            var backend = ready[(first + _looked) % ready.Length];
            var lastRound = _looked++ >= ready.Length;
            if (drains.Contains(backend.EndPoint.Address) != lastRound)
            {
                continue;
            }

            _tried++;
            if (_looked > 1)
            {
                // The client's own did not answer, or ends; it stays with the one that does answer.
                affinity?.Move(client, backend);
            }

            return backend;
        }

        return null;
    }
}
