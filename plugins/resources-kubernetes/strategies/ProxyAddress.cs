using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Modular.Plugins.ResourcesKubernetes.Strategies;

/// <summary>The address of a server that an object stands for.</summary>
internal static class ProxyAddress
{
    /// <param name="scheme">Empty for http.</param>
    /// <param name="ip">Of either family.</param>
    /// <param name="port">Null for the scheme's own.</param>
    /// <exception cref="ApiException">BadRequest: there is no such address.</exception>
    public static NodeRequest Of(string scheme, string ip, long? port)
    {
        if (!IPAddress.TryParse(ip, out var address))
        {
            throw new ApiException(StatusReason.BadRequest, ip.Length == 0 ? "it has no address yet" : $"\"{ip}\" is no address");
        }

        var host = address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{address}]" : address.ToString();
        var text = string.Create(CultureInfo.InvariantCulture, $"{(scheme.Length > 0 ? scheme : "http")}://{host}{(port is { } number ? $":{number}" : "")}");
        return new NodeRequest("", "", "") { Address = text };
    }

    /// <summary>A port that is a number; null if it is a name.</summary>
    public static int? Number(string port) => ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 ? number : null;
}
