using System.Text.Json;
using System.Text.Json.Nodes;

namespace Modular.ApiFuzzer;

/// <summary>What holds for every answer, whatever was asked.</summary>
internal static class AnswerRules
{
    private static readonly string[] Leaks = ["System.", "Exception", "   at ", "Object reference", "Newtonsoft", "YamlDotNet", "(Parameter '", "JsonNode", "Nullable object"];

    private static readonly string[] PositionedErrors = ["json parse error", "yaml: ", "protobuf parse error: the message", "protobuf parse error: illegal", "invalid JSON patch: operation"];

    /// <summary>What is wrong with an answer; null if nothing is.</summary>
    public static string? Check(FuzzRequest request, FuzzAnswer answer)
    {
        if (answer.Code < 400)
        {
            return CheckSuccess(answer);
        }

        if (request.Method == "HEAD" || IsRefusedByTheConnection(answer) || (IsHealth(request) && answer.ContentType.StartsWith("text/plain", StringComparison.Ordinal)))
        {
            return null;
        }

        return ReadStatus(answer) is { } status ? CheckStatus(request, answer, status) : "an error whose body is no Status";
    }

    /// <summary>The JSON object that an answer holds; null if it holds something else.</summary>
    public static JsonObject? ReadObject(FuzzAnswer answer)
    {
        if (!answer.ContentType.StartsWith("application/json", StringComparison.Ordinal))
        {
            return null;
        }

        try
        {
            return JsonNode.Parse(answer.Body, documentOptions: new JsonDocumentOptions { MaxDepth = 300 }) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    // What is no HTTP never gets as far as the API.
    private static bool IsRefusedByTheConnection(FuzzAnswer answer) => answer is { Code: 400 or 405 or 414 or 431 or 417, Body.Length: 0, ContentType: "" };

    private static bool IsHealth(FuzzRequest request) => request.Path.TrimStart('/').Split('/')[0] is "healthz" or "livez" or "readyz";

    private static string? CheckSuccess(FuzzAnswer answer)
    {
        if (answer.ContentType == "application/json" && answer.Body.Length > 0 && ReadObject(answer) is null && !IsStream(answer.Body))
        {
            return "an answer of type JSON that is none";
        }

        return answer.ContentType == ProtobufFormat.MediaType && answer.Body.Length > 0 && !answer.Body.AsSpan().StartsWith("k8s\0"u8)
            ? "an answer of type protobuf without envelope"
            : null;
    }

    private static bool IsStream(byte[] body)
    {
        try
        {
            foreach (var range in body.AsSpan().Split((byte)'\n'))
            {
                var line = body.AsMemory(range);
                if (line.Length > 0 && JsonElement.Parse(line.Span, new JsonDocumentOptions { MaxDepth = 300 }).GetProperty("type").GetString() is not
                    ("ADDED" or "MODIFIED" or "DELETED" or "BOOKMARK" or "ERROR"))
                {
                    return false;
                }
            }

            return true;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return false;
        }
    }

    private static JsonObject? ReadStatus(FuzzAnswer answer)
    {
        if (answer.ContentType != ProtobufFormat.MediaType)
        {
            return ReadObject(answer) is { } status && status.GetString("kind") == "Status" ? status : null;
        }

        try
        {
            return ProtobufDecoder.Decode(answer.Body, new GroupVersionKind("", "v1", "Status"), MetaMessages.Status);
        }
        catch (ApiException)
        {
            return null;
        }
    }

    private static string? CheckStatus(FuzzRequest request, FuzzAnswer answer, JsonObject status)
    {
        var message = status.GetString("message") ?? "";
        var reason = status.GetString("reason") ?? "";
        if (status.GetInt64("code") != answer.Code)
        {
            return $"a Status whose code is {status.GetInt64("code")}";
        }

        if (message.Length == 0 || reason.Length == 0)
        {
            return "a Status without reason or message";
        }

        if (answer.Code >= 500 && answer.Code is not (503 or 504))
        {
            return "an error of the server";
        }

        // What was sent may be quoted.
        if (Leaks.FirstOrDefault(leak => message.Contains(leak, StringComparison.Ordinal) && !System.Text.Encoding.UTF8.GetString(request.Body).Contains(leak, StringComparison.Ordinal)) is { } found)
        {
            return $"a message that says \"{found}\"";
        }

        if (answer.Code == 400 && PositionedErrors.Any(error => message.StartsWith(error, StringComparison.Ordinal)) && !message.Any(char.IsAsciiDigit) && !message.Contains('"', StringComparison.Ordinal))
        {
            return "an error in the body that tells no position";
        }

        return answer.Code == 422 && !HasCauses(status) ? "Invalid without a cause that names a field" : null;
    }

    private static bool HasCauses(JsonObject status) => status.GetArray("details.causes") is { Count: > 0 } causes
        && causes.OfType<JsonObject>().All(cause => cause.GetString("field") is { Length: > 0 } || cause.GetString("reason") is "UnexpectedServerResponse");
}
