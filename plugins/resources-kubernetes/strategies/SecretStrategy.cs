using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Strategies;

/// <summary>Secrets: bytes under keys that can be file names, written as base64 or, for convenience, as text.</summary>
internal sealed class SecretStrategy : IResourceStrategy
{
    private static readonly string[] Content = ["data"];

    private SecretStrategy()
    {
    }

    public static SecretStrategy Instance { get; } = new();

    public void Default(JsonObject obj)
    {
        foreach (var (key, text) in obj.GetStringMap("stringData"))
        {
            obj.GetOrAddObject("data")[key] = Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(text));
        }

        obj.Remove("stringData");
    }

    public void Validate(StrategyContext context, JsonObject obj, JsonObject? old, FieldErrors errors)
    {
        DataRules.ValidateSeal(obj, old, Content, errors);
        DataRules.ValidateKeys(obj, "data", errors);
        if (DataRules.SizeOfBase64(obj, "data", errors) > DataRules.MostBytes)
        {
            errors.TooLong("data", DataRules.MostBytes);
        }

        var type = obj.GetString("type");
        if (old is not null && type != old.GetString("type"))
        {
            errors.Invalid("type", type ?? "", "field is immutable");
        }

        foreach (var key in KeysOf(type))
        {
            if (obj.GetObject("data")?.ContainsKey(key) is not true)
            {
                errors.Required($"data[{key}]");
            }
        }
    }

    private static string[] KeysOf(string? type) => type switch
    {
        "kubernetes.io/tls" => ["tls.crt", "tls.key"],
        "kubernetes.io/dockercfg" => [".dockercfg"],
        "kubernetes.io/dockerconfigjson" => [".dockerconfigjson"],
        "kubernetes.io/ssh-auth" => ["ssh-privatekey"],
        _ => [],
    };
}
