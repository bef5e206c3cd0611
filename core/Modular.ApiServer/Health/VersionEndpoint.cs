using System.Runtime.InteropServices;
using System.Text.Json.Nodes;

namespace Modular.ApiServer;

/// <summary>Serves <c>/version</c>.</summary>
internal sealed class VersionEndpoint(ServerVersion version)
{
    private readonly byte[] _body = ObjectEncoding.EncodeValue(new JsonObject
    {
        ["major"] = version.Major,
        ["minor"] = version.Minor,
        ["gitVersion"] = version.GitVersion,
        ["gitCommit"] = version.GitCommit,
        ["gitTreeState"] = "",
        ["buildDate"] = version.BuildDate,
        // Clients read these names although nothing here is Go.
        ["goVersion"] = RuntimeInformation.FrameworkDescription,
        ["compiler"] = "roslyn",
        ["platform"] = $"linux/{Architecture()}",
    });

    public Task HandleAsync(HttpContext context)
    {
        context.Response.ContentType = MediaType.Json;
        context.Response.ContentLength = _body.Length;
        return context.Response.Body.WriteAsync(_body, context.RequestAborted).AsTask();
    }

    private static string Architecture() => RuntimeInformation.OSArchitecture switch
    {
        System.Runtime.InteropServices.Architecture.X64 => "amd64",
        var other => other.ToString().ToLowerInvariant(),
    };
}
