using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Toolkit;

/// <summary>Which objects a quota counts: those that all its scopes hold for. A quota without scopes counts all.</summary>
public sealed class QuotaScopes
{
    private readonly List<(string Scope, string Operator, HashSet<string> Values)> _requirements = [];

    private QuotaScopes()
    {
    }

    /// <summary>Reads the scopes of a quota's spec.</summary>
    public static QuotaScopes Of(JsonObject? spec)
    {
        var scopes = new QuotaScopes();
        foreach (var scope in spec?.GetArray("scopes") ?? [])
        {
            scopes._requirements.Add((scope.AsString() ?? "", "Exists", []));
        }

        foreach (var requirement in spec?.Objects("scopeSelector.matchExpressions") ?? [])
        {
            var values = new HashSet<string>(StringComparer.Ordinal);
            foreach (var value in requirement.GetArray("values") ?? [])
            {
                values.Add(value.AsString() ?? "");
            }

            scopes._requirements.Add((requirement["scopeName"].AsString() ?? "", requirement["operator"].AsString() ?? "", values));
        }

        return scopes;
    }

    /// <summary>Whether the quota counts an object.</summary>
    public bool Match(QuotaSubject subject)
    {
        foreach (var (scope, op, values) in _requirements)
        {
            if (!subject.IsPod || !Holds(scope, op, values, subject))
            {
                return false;
            }
        }

        return true;
    }

    private static bool Holds(string scope, string op, HashSet<string> values, QuotaSubject pod) => scope switch
    {
        "Terminating" => pod.IsTerminating,
        "NotTerminating" => !pod.IsTerminating,
        "BestEffort" => pod.IsBestEffort,
        "NotBestEffort" => !pod.IsBestEffort,
        "CrossNamespacePodAffinity" => pod.LooksIntoOtherNamespaces,
        "PriorityClass" => op switch
        {
            "In" => values.Contains(pod.PriorityClass),
            "NotIn" => !values.Contains(pod.PriorityClass),
            "Exists" => pod.PriorityClass.Length > 0,
            "DoesNotExist" => pod.PriorityClass.Length == 0,
            _ => false,
        },
        _ => false,
    };
}
