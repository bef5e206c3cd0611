using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Strategies;

/// <summary>The devices that a claim asks for.</summary>
internal static class DeviceRequests
{
    public static void Default(JsonObject? claim)
    {
        foreach (var request in claim?.Objects("devices.requests") ?? [])
        {
            if (request.GetObject("exactly") is { } exactly)
            {
                Fill(exactly);
            }

            foreach (var alternative in request.Objects("firstAvailable"))
            {
                Fill(alternative);
            }
        }
    }

    public static void Validate(JsonObject claim, FieldErrors errors)
    {
        foreach (var request in claim.Objects("devices.requests"))
        {
            var (exactly, first) = (request.GetObject("exactly"), request.GetArray("firstAvailable"));
            if (exactly is null && first is null or { Count: 0 })
            {
                errors.Required(JsonPaths.PathOf(request), "exactly one of `exactly` or `firstAvailable` is required");
            }
            else if (exactly is not null && first is { Count: > 0 })
            {
                errors.Invalid(JsonPaths.PathOf(request), request.GetString("name"), "exactly one of `exactly` or `firstAvailable` is required, but multiple fields are set");
            }

            FieldRules.Name(request, "name", NameRules.Dns1123Label, errors);
            if (exactly is not null && exactly.GetString("allocationMode") == "ExactCount")
            {
                FieldRules.Positive(exactly, "count", errors);
            }
        }
    }

    private static void Fill(JsonObject request)
    {
        request["allocationMode"] ??= "ExactCount";
        if (request.GetString("allocationMode") == "ExactCount")
        {
            request["count"] ??= 1;
        }
    }
}
