using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Strategies;

/// <summary>Priority level configurations: how many requests are carried out at once, and how others wait.</summary>
internal sealed class PriorityLevelConfigurationStrategy : ObservedStrategy
{
    private PriorityLevelConfigurationStrategy()
    {
    }

    public static PriorityLevelConfigurationStrategy Instance { get; } = new();

    public override void Default(JsonObject obj)
    {
        if (obj.GetObject("spec.limited") is { } limited)
        {
            limited["nominalConcurrencyShares"] ??= 30;
            limited["lendablePercent"] ??= 0;
            if (limited.GetObject("limitResponse.queuing") is { } queuing)
            {
                queuing["queues"] ??= 64;
                queuing["handSize"] ??= 8;
                queuing["queueLengthLimit"] ??= 50;
            }
        }

        if (obj.GetObject("spec.exempt") is { } exempt)
        {
            exempt["nominalConcurrencyShares"] ??= 0;
            exempt["lendablePercent"] ??= 0;
        }
    }

    protected override void Validate(JsonObject spec, JsonObject? old, FieldErrors errors)
    {
        var (type, limited) = (spec.GetString("type"), spec.GetObject("limited"));
        if (type == "Exempt" && limited is not null)
        {
            errors.Forbidden("spec.limited", "must be nil if the type is not Limited");
        }
        else if (type == "Limited" && limited is null)
        {
            errors.Required("spec.limited", "must not be empty when type is Limited");
        }

        if (limited is null)
        {
            return;
        }

        FieldRules.NotNegative(limited, "nominalConcurrencyShares", errors);
        FieldRules.Between(limited, "lendablePercent", 0, 100, errors);
        if (limited.GetString("limitResponse.type") == "Reject" && limited.GetObject("limitResponse.queuing") is not null)
        {
            errors.Forbidden("spec.limited.limitResponse.queuing", "must be nil if limited.limitResponse.type is not Limited");
        }
    }
}
