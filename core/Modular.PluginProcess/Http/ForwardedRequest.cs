using System.Net;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Modular.Abstractions;

namespace Modular.PluginProcess.Http;

/// <summary>What a host says of a request besides what the client said; described in protos/http.proto.</summary>
internal static class ForwardedRequest
{
    private const string Contract = "X-Modular-Contract";
    private const string User = "X-Remote-User";
    private const string Uid = "X-Remote-Uid";
    private const string Group = "X-Remote-Group";
    private const string Extra = "X-Remote-Extra-";
    private const string Scheme = "X-Forwarded-Proto";
    private const string Address = "X-Forwarded-For";

    // A client that sends one of these says what only the host can say. What proves to the host who asks is for nobody else.
    private static readonly string[] HostsOwn = ["X-Modular-", "X-Remote-", "X-Forwarded-", "Authorization"];

    /// <summary>In the host: completes the headers of a request.</summary>
    public static void Write(HttpContext context, string contract, HttpRequestHeaders headers)
    {
        foreach (var name in headers.Select(header => header.Key).Where(IsHostsOwn).ToList())
        {
            headers.Remove(name);
        }

        headers.Host = context.Request.Host.Value;
        headers.Add(Contract, contract);
        headers.Add(Scheme, context.Request.Scheme);
        if (context.Connection.RemoteIpAddress is { } address)
        {
            headers.Add(Address, address.ToString());
        }

        if (context.Features.Get<UserInfo>() is { } user)
        {
            headers.Add(User, Uri.EscapeDataString(user.Name));
            headers.Add(Group, user.Groups.Select(Uri.EscapeDataString));
            if (user.Uid.Length > 0)
            {
                headers.Add(Uid, Uri.EscapeDataString(user.Uid));
            }

            foreach (var (name, values) in user.Extra)
            {
                headers.Add(Extra + Uri.EscapeDataString(name), values.Select(Uri.EscapeDataString));
            }
        }
    }

    /// <summary>In the child: makes the request what it was for the host.</summary>
    /// <returns>The contract that is asked.</returns>
    public static string Read(HttpContext context)
    {
        var headers = context.Request.Headers;
        var contract = headers[Contract].ToString();
        if (headers[Scheme] is [{ } scheme])
        {
            context.Request.Scheme = scheme;
        }

        if (IPAddress.TryParse(headers[Address].ToString(), out var address))
        {
            context.Connection.RemoteIpAddress = address;
        }

        if (headers[User] is [{ } user])
        {
            context.Features.Set(new UserInfo(Uri.UnescapeDataString(user))
            {
                Groups = [.. headers.GetCommaSeparatedValues(Group).Select(Uri.UnescapeDataString)],
                Uid = Uri.UnescapeDataString(headers[Uid].ToString()),
                Extra = headers.Keys.Where(static name => name.StartsWith(Extra, StringComparison.OrdinalIgnoreCase)).ToDictionary(
                    static name => Uri.UnescapeDataString(name[Extra.Length..]),
                    IReadOnlyList<string> (name) => ReadAll(headers[name])),
            });
        }

        foreach (var name in headers.Keys.Where(IsHostsOwn).ToList())
        {
            headers.Remove(name);
        }

        return contract;
    }

    // GetCommaSeparatedValues would leave out values that are empty.
    private static string[] ReadAll(StringValues values) =>
        [.. values.SelectMany(static value => (value ?? "").Split(',')).Select(static value => Uri.UnescapeDataString(value.Trim()))];

    private static bool IsHostsOwn(string name) => Array.Exists(HostsOwn, own => name.StartsWith(own, StringComparison.OrdinalIgnoreCase));
}
