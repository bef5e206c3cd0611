using System.Net;
using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Strategies;

/// <summary>What must hold in how a pod looks up names.</summary>
internal static class DnsConfigRules
{
    private const int MostNameservers = 3;
    private const int MostSearches = 32;
    private const int LongestSearch = 2048;

    public static void Validate(JsonObject spec, FieldErrors errors)
    {
        var config = spec["dnsConfig"] as JsonObject;
        if (spec.GetString("dnsPolicy") == "None")
        {
            if (config is null)
            {
                errors.Required(spec.FieldPath("dnsConfig"), "must provide `dnsConfig` when `dnsPolicy` is None");
            }
            else if (config.GetArray("nameservers") is not { Count: > 0 })
            {
                errors.Required(config.FieldPath("nameservers"), "must provide at least one DNS nameserver when `dnsPolicy` is None");
            }
        }

        if (config is not null)
        {
            ValidateServers(config, errors);
            ValidateSearches(config, errors);
            foreach (var option in config.Objects("options").Where(option => option.GetString("name") is null or ""))
            {
                errors.Required(option.FieldPath("name"));
            }
        }
    }

    private static void ValidateServers(JsonObject config, FieldErrors errors)
    {
        var servers = Texts(config, "nameservers");
        if (servers.Count > MostNameservers)
        {
            errors.Invalid(config.FieldPath("nameservers"), config["nameservers"], $"must not have more than {MostNameservers} nameservers");
        }

        for (var i = 0; i < servers.Count; i++)
        {
            if (!IPAddress.TryParse(servers[i], out _))
            {
                errors.Invalid($"{config.FieldPath("nameservers")}[{i}]", servers[i], "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)");
            }
        }
    }

    private static void ValidateSearches(JsonObject config, FieldErrors errors)
    {
        var searches = Texts(config, "searches");
        if (searches.Count > MostSearches)
        {
            errors.Invalid(config.FieldPath("searches"), config["searches"], $"must not have more than {MostSearches} search paths");
        }

        if (string.Join(' ', searches).Length > LongestSearch)
        {
            errors.Invalid(
                config.FieldPath("searches"), config["searches"], $"must not have more than {LongestSearch} characters (including spaces) in the search list");
        }

        for (var i = 0; i < searches.Count; i++)
        {
            if (searches[i] != ".")
            {
                errors.InvalidAll($"{config.FieldPath("searches")}[{i}]", searches[i], NameRules.Dns1123Subdomain(searches[i].TrimEnd('.').Replace('_', 'x')));
            }
        }
    }

    private static List<string> Texts(JsonObject config, string field) =>
        [.. (config.GetArray(field) ?? []).Select(item => item?.GetValue<string>() ?? "")];
}
