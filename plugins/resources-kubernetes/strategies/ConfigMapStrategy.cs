using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Strategies;

/// <summary>Config maps: text and bytes under keys that can be file names.</summary>
internal sealed class ConfigMapStrategy : IResourceStrategy
{
    private static readonly string[] Content = ["data", "binaryData"];

    private ConfigMapStrategy()
    {
    }

    public static ConfigMapStrategy Instance { get; } = new();

    public void Validate(StrategyContext context, JsonObject obj, JsonObject? old, FieldErrors errors)
    {
        DataRules.ValidateSeal(obj, old, Content, errors);
        DataRules.ValidateKeys(obj, "data", errors);
        DataRules.ValidateKeys(obj, "binaryData", errors);
        var size = DataRules.SizeOfBase64(obj, "binaryData", errors);
        var texts = obj.GetStringMap("data");
        foreach (var (key, text) in texts)
        {
            size += System.Text.Encoding.UTF8.GetByteCount(text);
            if (obj.GetObject("binaryData")?.ContainsKey(key) is true)
            {
                errors.Invalid($"data[{key}]", key, "duplicate of key present in binaryData");
            }
        }

        if (size > DataRules.MostBytes)
        {
            errors.TooLong("[]", DataRules.MostBytes);
        }
    }
}
