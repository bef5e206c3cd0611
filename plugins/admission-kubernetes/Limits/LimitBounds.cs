using System.Globalization;
using System.Text.Json.Nodes;
using Modular.Toolkit;

namespace Modular.Plugins.AdmissionKubernetes.Limits;

/// <summary>The bounds that one entry of a limit range sets, and what is wrong with amounts by them, in Kubernetes' words.</summary>
internal sealed class LimitBounds(JsonObject limit)
{
    private readonly string _type = limit.GetString("type") ?? "";
    private readonly Dictionary<string, Quantity> _least = PodAmounts.Read(limit.GetObject("min"));
    private readonly Dictionary<string, Quantity> _most = PodAmounts.Read(limit.GetObject("max"));
    private readonly Dictionary<string, Quantity> _ratios = PodAmounts.Read(limit.GetObject("maxLimitRequestRatio"));

    /// <summary>What asks for an amount and has a limit.</summary>
    public void Check(Dictionary<string, Quantity> requests, Dictionary<string, Quantity> limits, List<string> reasons)
    {
        CheckLeast(requests, limits, reasons);
        foreach (var (resource, most) in _most)
        {
            var what = $"maximum {resource} usage per {_type} is {most}";
            if (!limits.TryGetValue(resource, out var stated))
            {
                reasons.Add($"{what}.  No limit is specified");
            }
            else if (stated > most)
            {
                reasons.Add($"{what}, but limit is {stated}");
            }
            else if (requests.TryGetValue(resource, out var request) && request > most)
            {
                reasons.Add($"{what}, but request is {request}");
            }
        }

        CheckRatios(requests, limits, reasons);
    }

    /// <summary>What only asks for an amount.</summary>
    public void Check(Dictionary<string, Quantity> requests, List<string> reasons)
    {
        CheckLeast(requests, [], reasons);
        foreach (var (resource, most) in _most)
        {
            var what = $"maximum {resource} usage per {_type} is {most}";
            if (!requests.TryGetValue(resource, out var request))
            {
                reasons.Add($"{what}.  No request is specified");
            }
            else if (request > most)
            {
                reasons.Add($"{what}, but request is {request}");
            }
        }
    }

    private void CheckLeast(Dictionary<string, Quantity> requests, Dictionary<string, Quantity> limits, List<string> reasons)
    {
        foreach (var (resource, least) in _least)
        {
            var what = $"minimum {resource} usage per {_type} is {least}";
            if (!requests.TryGetValue(resource, out var request))
            {
                reasons.Add($"{what}.  No request is specified");
            }
            else if (request < least)
            {
                reasons.Add($"{what}, but request is {request}");
            }
            else if (limits.TryGetValue(resource, out var stated) && stated < least)
            {
                reasons.Add($"{what}, but limit is {stated}");
            }
        }
    }

    private void CheckRatios(Dictionary<string, Quantity> requests, Dictionary<string, Quantity> limits, List<string> reasons)
    {
        foreach (var (resource, most) in _ratios)
        {
            var what = $"{resource} max limit to request ratio per {_type} is {most}";
            if (!requests.TryGetValue(resource, out var request) || request.IsZero)
            {
                reasons.Add($"{what}, but no request is specified or request is 0");
            }
            else if (!limits.TryGetValue(resource, out var stated) || stated.IsZero)
            {
                reasons.Add($"{what}, but no limit is specified or limit is 0");
            }
            else if (stated.ToDouble() / request.ToDouble() is var ratio && ratio > most.ToDouble())
            {
                reasons.Add(string.Create(CultureInfo.InvariantCulture, $"{what}, but provided ratio is {ratio:F6}"));
            }
        }
    }
}
