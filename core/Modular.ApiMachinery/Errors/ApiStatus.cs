using System.Text.Json.Nodes;

namespace Modular.ApiMachinery;

/// <summary>Why a request failed: what clients get as <c>v1 Status</c>.</summary>
public sealed record ApiStatus(StatusReason Reason, string Message)
{
    /// <summary>The HTTP status code; by default the reason's own.</summary>
    public int Code { get; init; } = CodeOf(Reason);

    /// <summary>The resource (or, for <see cref="StatusReason.Invalid"/>, the kind) the request was about.</summary>
    public string Kind { get; init; } = "";

    /// <summary>The API group of <see cref="Kind"/>.</summary>
    public string Group { get; init; } = "";

    /// <summary>The object's name.</summary>
    public string Name { get; init; } = "";

    /// <summary>The object's uid, where a conflict is about it.</summary>
    public string Uid { get; init; } = "";

    /// <summary>One entry per wrong field.</summary>
    public IReadOnlyList<StatusCause> Causes { get; init; } = [];

    /// <summary>When trying again makes sense; 0 if it does not.</summary>
    public int RetryAfterSeconds { get; init; }

    /// <summary>A token that continues an expired list at a newer revision; empty where there is none.</summary>
    public string Continue { get; init; } = "";

    /// <summary>The status as the JSON object clients read.</summary>
    public JsonObject ToJson()
    {
        var metadata = new JsonObject();
        if (Continue.Length > 0)
        {
            metadata["continue"] = Continue;
        }

        var status = new JsonObject
        {
            ["kind"] = "Status",
            ["apiVersion"] = "v1",
            ["metadata"] = metadata,
            ["status"] = "Failure",
            ["message"] = Message,
            ["reason"] = Reason == StatusReason.InsufficientStorage ? "InsufficientStorage" : Reason.ToString(),
        };
        var details = Details();
        if (details.Count > 0)
        {
            status["details"] = details;
        }

        status["code"] = Code;
        return status;
    }

    /// <summary>Reads what <see cref="ToJson"/> writes, or another server's; a reason that nobody knows is the code's own.</summary>
    public static ApiStatus FromJson(JsonObject status)
    {
        var code = status.GetInt64("code") is { } number ? (int)number : 0;
        var reason = Enum.TryParse<StatusReason>(status.GetString("reason"), out var known) ? known : ReasonOf(code);
        return new ApiStatus(reason, status.GetString("message") ?? "")
        {
            Code = code > 0 ? code : CodeOf(reason),
            Name = status.GetString("details.name") ?? "",
            Group = status.GetString("details.group") ?? "",
            Kind = status.GetString("details.kind") ?? "",
            Uid = status.GetString("details.uid") ?? "",
            RetryAfterSeconds = (int)(status.GetInt64("details.retryAfterSeconds") ?? 0),
            Continue = status.GetString("metadata.continue") ?? "",
            Causes =
            [
                .. (status.GetArray("details.causes") ?? []).OfType<JsonObject>().Select(cause => new StatusCause(
                    cause.GetString("reason") ?? "", cause.GetString("message") ?? "", cause.GetString("field") ?? "")),
            ],
        };
    }

    /// <summary>The reason that has an HTTP code; InternalError for codes that none has.</summary>
    public static StatusReason ReasonOf(int code)
    {
        foreach (var reason in Enum.GetValues<StatusReason>())
        {
            if (CodeOf(reason) == code)
            {
                return reason;
            }
        }

        return StatusReason.InternalError;
    }

    private JsonObject Details()
    {
        var details = new JsonObject();
        Add(details, "name", Name);
        Add(details, "group", Group);
        Add(details, "kind", Kind);
        Add(details, "uid", Uid);
        if (Causes.Count > 0)
        {
            var causes = new JsonArray();
            foreach (var cause in Causes)
            {
                var entry = new JsonObject { ["reason"] = cause.Reason, ["message"] = cause.Message };
                Add(entry, "field", cause.Field);
                causes.Add((JsonNode)entry);
            }

            details["causes"] = causes;
        }

        if (RetryAfterSeconds > 0)
        {
            details["retryAfterSeconds"] = RetryAfterSeconds;
        }

        return details;
    }

    private static void Add(JsonObject target, string name, string value)
    {
        if (value.Length > 0)
        {
            target[name] = value;
        }
    }

    private static int CodeOf(StatusReason reason) => reason switch
    {
        StatusReason.BadRequest => 400,
        StatusReason.Unauthorized => 401,
        StatusReason.Forbidden => 403,
        StatusReason.NotFound => 404,
        StatusReason.MethodNotAllowed => 405,
        StatusReason.NotAcceptable => 406,
        StatusReason.AlreadyExists or StatusReason.Conflict => 409,
        StatusReason.Expired or StatusReason.Gone => 410,
        StatusReason.RequestEntityTooLarge => 413,
        StatusReason.UnsupportedMediaType => 415,
        StatusReason.Invalid => 422,
        StatusReason.TooManyRequests => 429,
        StatusReason.ServiceUnavailable => 503,
        StatusReason.Timeout => 504,
        StatusReason.InsufficientStorage => 507,
        _ => 500,
    };
}

/// <summary>One wrong field: a reason such as <c>FieldValueRequired</c>, the message, and the field's path.</summary>
public sealed record StatusCause(string Reason, string Message, string Field = "");
