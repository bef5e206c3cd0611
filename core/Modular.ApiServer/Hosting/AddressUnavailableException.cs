using System.Net;

namespace Modular.ApiServer;

/// <summary>The server cannot listen where it should.</summary>
public sealed class AddressUnavailableException(IReadOnlyList<IPEndPoint> addresses, Exception inner)
    : Exception($"cannot listen on {string.Join(", ", addresses)}: {Reason(inner)}", inner)
{
    private static string Reason(Exception e)
    {
        while (e.InnerException is { } inner)
        {
            e = inner;
        }

        return e.Message;
    }
}
