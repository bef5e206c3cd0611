using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Strategies;

/// <summary>Ingresses: which requests from outside go to which service.</summary>
internal sealed class IngressStrategy : ObservedStrategy
{
    private IngressStrategy()
    {
    }

    public static IngressStrategy Instance { get; } = new();

    protected override void Validate(JsonObject spec, JsonObject? old, FieldErrors errors)
    {
        if (spec.GetObject("defaultBackend") is null && spec.GetArray("rules") is null or { Count: 0 })
        {
            errors.Invalid("spec", spec, "either `defaultBackend` or `rules` must be specified");
        }

        FieldRules.Name(spec, "ingressClassName", NameRules.Dns1123Subdomain, errors);
        if (spec.GetObject("defaultBackend") is { } backend)
        {
            ValidateBackend(backend, errors);
        }

        foreach (var rule in spec.Objects("rules"))
        {
            ValidateHost(rule, errors);
            foreach (var path in rule.Objects("http.paths"))
            {
                ValidatePath(path, errors);
            }
        }
    }

    private static void ValidateHost(JsonObject rule, FieldErrors errors)
    {
        if (rule.GetString("host") is not { Length: > 0 } host)
        {
            return;
        }

        if (System.Net.IPAddress.TryParse(host, out _))
        {
            errors.Invalid(rule.FieldPath("host"), host, "must be a DNS name, not an IP address");
            return;
        }

        errors.InvalidAll(rule, "host", host, NameRules.Dns1123Subdomain(host.StartsWith("*.", StringComparison.Ordinal) ? host[2..] : host));
    }

    private static void ValidatePath(JsonObject path, FieldErrors errors)
    {
        var type = path.GetString("pathType");
        if (type is "")
        {
            errors.Required(path.FieldPath("pathType"), "pathType must be specified");
        }

        var text = path.GetString("path") ?? "";
        if (type is "Exact" or "Prefix" && !text.StartsWith('/'))
        {
            errors.Invalid(path.FieldPath("path"), text, "must be an absolute path");
        }
        else if (type is "Exact" or "Prefix" && (text.Contains("//", StringComparison.Ordinal) || text.Contains("/../", StringComparison.Ordinal) || text.Contains("/./", StringComparison.Ordinal)))
        {
            errors.Invalid(path.FieldPath("path"), text, "must not contain '//', '/./' or '/../'");
        }

        if (path.GetObject("backend") is { } backend)
        {
            ValidateBackend(backend, errors);
        }
    }

    private static void ValidateBackend(JsonObject backend, FieldErrors errors)
    {
        var (service, resource) = (backend.GetObject("service"), backend.GetObject("resource"));
        if (service is not null && resource is not null)
        {
            errors.Invalid(JsonPaths.PathOf(backend), "", "cannot set both resource and service backends");
        }
        else if (service is null && resource is null)
        {
            errors.Required(JsonPaths.PathOf(backend), "resource or service backend is required");
        }
        else if (service is not null)
        {
            ValidateService(service, errors);
        }
    }

    private static void ValidateService(JsonObject service, FieldErrors errors)
    {
        FieldRules.Name(service, "name", NameRules.Dns1035Label, errors);
        if (service.GetString("name") is "")
        {
            errors.Required(service.FieldPath("name"));
        }

        var (name, number) = (service.GetString("port.name"), service.GetInt64("port.number") ?? 0);
        if (name is { Length: > 0 } && number > 0)
        {
            errors.Invalid(service.FieldPath("port"), "", "cannot set both port name & port number");
        }
        else if (name is { Length: > 0 })
        {
            errors.InvalidAll(service, "port.name", name, NameRules.PortName(name));
        }
        else if (number == 0)
        {
            errors.Required(service.FieldPath("port"), "port name or number is required");
        }
        else
        {
            errors.InvalidAll(service, "port.number", number, NameRules.PortNumber(number));
        }
    }
}
