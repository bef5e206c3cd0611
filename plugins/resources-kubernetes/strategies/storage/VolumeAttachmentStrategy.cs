using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Strategies;

/// <summary>Volume attachments: that a volume is to be attached to a node. What is asked for is fixed.</summary>
internal sealed class VolumeAttachmentStrategy : IResourceStrategy
{
    private VolumeAttachmentStrategy()
    {
    }

    public static VolumeAttachmentStrategy Instance { get; } = new();

    public ValueTask PrepareForCreateAsync(StrategyContext context, JsonObject obj, CancellationToken cancellationToken)
    {
        obj["status"] = new JsonObject { ["attached"] = false };
        return ValueTask.CompletedTask;
    }

    public void Validate(StrategyContext context, JsonObject obj, JsonObject? old, FieldErrors errors)
    {
        if (obj.GetObject("spec") is not { } spec)
        {
            return;
        }

        foreach (var field in (ReadOnlySpan<string>)["attacher", "nodeName"])
        {
            if (spec.GetString(field) is "")
            {
                errors.Required($"spec.{field}");
            }
        }
    }
}
