using System.Text.Json;
using System.Text.Json.Nodes;

namespace Modular.Host.Client;

/// <summary>The server answered that it did not do what was asked.</summary>
internal sealed class ApiFailure(int code, string reason, string message) : Exception(message)
{
    public int Code { get; } = code;

    public string Reason { get; } = reason;

    public static async Task<ApiFailure> FromAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var text = await response.Content.ReadAsStringAsync(cancellationToken);
        try
        {
            if (JsonNode.Parse(text) is JsonObject status && status["message"] is { } message)
            {
                return new ApiFailure((int)response.StatusCode, status["reason"]?.GetValue<string>() ?? "", message.GetValue<string>());
            }
        }
        catch (JsonException)
        {
            // Not a Status; the raw text says more than a parse error would.
        }

        return new ApiFailure((int)response.StatusCode, "", $"the server answered {(int)response.StatusCode} {text.Trim()}");
    }
}

/// <summary>Nobody answers where the cluster should be.</summary>
internal sealed class ConnectionFailure(Uri server, Exception inner)
    : Exception($"no cluster answers at {server.ToString().TrimEnd('/')} ({Innermost(inner)}); start one with 'modular up --detach'", inner)
{
    private static string Innermost(Exception e) => e.InnerException is null ? e.Message : Innermost(e.InnerException);
}
