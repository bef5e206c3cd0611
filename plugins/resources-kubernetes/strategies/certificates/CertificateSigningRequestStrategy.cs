using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Strategies;

/// <summary>Requests for certificates: who asks is who is known, and the request stays as it is.</summary>
internal sealed class CertificateSigningRequestStrategy : IResourceStrategy
{
    private const int ShortestSeconds = 600;
    private const string BeginRequest = "-----BEGIN CERTIFICATE REQUEST-----";

    private CertificateSigningRequestStrategy()
    {
    }

    public static CertificateSigningRequestStrategy Instance { get; } = new();

    public ValueTask PrepareForCreateAsync(StrategyContext context, JsonObject obj, CancellationToken cancellationToken)
    {
        obj["status"] = new JsonObject();
        var spec = obj.GetOrAddObject("spec");
        spec["username"] = context.User.Name;
        spec["groups"] = new JsonArray([.. context.User.Groups]);
        SetOrRemove(spec, "uid", context.User.Uid is { Length: > 0 } uid ? uid : null);
        SetOrRemove(spec, "extra", null);
        return ValueTask.CompletedTask;
    }

    public ValueTask PrepareForUpdateAsync(StrategyContext context, JsonObject obj, JsonObject old, CancellationToken cancellationToken)
    {
        obj["spec"] = old["spec"]?.DeepClone();
        if (context.Subresource != "approval")
        {
            // Only whoever may approve says so.
            KeepApproval(obj, old);
        }

        return ValueTask.CompletedTask;
    }

    public void Validate(StrategyContext context, JsonObject obj, JsonObject? old, FieldErrors errors)
    {
        if (old is null && obj.GetObject("spec") is { } spec)
        {
            ValidateRequest(spec, errors);
        }

        var decisions = obj.Objects("status.conditions").Select(condition => condition.GetString("type")).Where(type => type is "Approved" or "Denied").Distinct().Count();
        if (decisions > 1)
        {
            errors.Invalid("status.conditions", obj["status"]?["conditions"], "Approved and Denied conditions are mutually exclusive");
        }
    }

    private static void ValidateRequest(JsonObject spec, FieldErrors errors)
    {
        if (spec.GetString("request") is { } request && !IsRequest(request))
        {
            errors.Invalid("spec.request", request, "PEM block type must be CERTIFICATE REQUEST");
        }

        if (spec.GetArray("usages") is null or { Count: 0 })
        {
            errors.Required("spec.usages");
        }

        if (spec.GetString("signerName") is { } signer && !signer.Contains('/', StringComparison.Ordinal))
        {
            errors.Invalid("spec.signerName", signer, "must be a fully qualified domain and path of the form 'example.com/signer-name'");
        }

        if (spec.GetInt64("expirationSeconds") is < ShortestSeconds and var seconds)
        {
            errors.Invalid("spec.expirationSeconds", seconds, "may not specify a duration less than 600 seconds (10 minutes)");
        }
    }

    private static bool IsRequest(string encoded)
    {
        Span<byte> bytes = new byte[encoded.Length];
        return Convert.TryFromBase64String(encoded, bytes, out var length)
            && System.Text.Encoding.UTF8.GetString(bytes[..length]).Contains(BeginRequest, StringComparison.Ordinal);
    }

    private static void KeepApproval(JsonObject obj, JsonObject old)
    {
        var kept = old.Objects("status.conditions").Where(IsDecision).Select(condition => condition.DeepClone());
        var others = obj.Objects("status.conditions").Where(condition => !IsDecision(condition)).Select(condition => condition.DeepClone());
        JsonArray conditions = [.. kept, .. others];
        if (conditions.Count > 0)
        {
            obj.Set("status.conditions", conditions);
        }
        else
        {
            obj.RemovePath("status.conditions");
        }
    }

    private static bool IsDecision(JsonObject condition) => condition.GetString("type") is "Approved" or "Denied";

    private static void SetOrRemove(JsonObject spec, string field, JsonNode? value)
    {
        if (value is null)
        {
            spec.Remove(field);
        }
        else
        {
            spec[field] = value;
        }
    }
}
