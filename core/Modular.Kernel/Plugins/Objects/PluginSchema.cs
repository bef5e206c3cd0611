using System.Text.Json.Nodes;

namespace Modular.Kernel.Plugins;

/// <summary>What a Plugin object may be.</summary>
internal static class PluginSchema
{
    public static Schema Build() => new()
    {
        Name = "dev.modular.v1alpha1.Plugin",
        Description = "A role in this cluster and the plugin that fills it. Change spec to exchange, reconfigure or stop the plugin.",
        Required = ["spec"],
        Properties =
        {
            ["apiVersion"] = Text("The version of this kind's schema."),
            ["kind"] = Text("Plugin."),
            ["metadata"] = new() { Type = SchemaType.Object, PreserveUnknownFields = true, Description = "The name is the role, such as scheduler." },
            ["spec"] = Spec(),
            ["status"] = Status(),
        },
    };

    private static Schema Spec() => new()
    {
        Description = "What is wanted.",
        Required = ["plugin"],
        Properties =
        {
            ["plugin"] = Text("The id of an installed plugin, such as scheduler-binpack."),
            ["version"] = Text("Its version; empty for the newest installed."),
            ["host"] = Text("The host process it runs in, beside the cluster's own; empty for that one."),
            ["isolation"] = new()
            {
                Type = SchemaType.String,
                Enum = ["", PluginSlot.InProcess, PluginSlot.OwnProcess],
                Description = "in-process, or process for a process of its own; empty for what the plugin asks for.",
            },
            ["instance"] = Text("Any text; another one has what runs exchanged for a new instance, even of the same plugin, such as a newer build."),
            ["configuration"] = new()
            {
                PreserveUnknownFields = true,
                Description = "Given to the plugin as it is; its README says what it knows.",
            },
            ["trial"] = new()
            {
                Description = "Makes the plugin a candidate: it is tried beside the one that provides its contracts, and takes over nothing.",
                Required = ["mode"],
                Properties =
                {
                    ["mode"] = new()
                    {
                        Type = SchemaType.String,
                        Enum = [TrialFormat.Shadow, TrialFormat.Canary],
                        Description = "shadow: its answers are recorded and compared only; canary: they count.",
                    },
                    ["selector"] = Text("A label selector, such as app=web: only work on objects it selects is given to the candidate; empty for all."),
                    ["share"] = new()
                    {
                        Type = SchemaType.Integer,
                        Format = "int32",
                        Default = JsonValue.Create(100),
                        Description = "How much of that work, in percent from 1 to 100.",
                    },
                    ["role"] = Text("The role it is tried for, such as scheduler; empty for whichever provides what it provides."),
                },
            },
            ["limits"] = new()
            {
                Description = "What the plugin may take; it needs a process of its own.",
                Properties =
                {
                    ["memory"] = Text("Bytes of memory of its own, such as 256Mi; an allocation beyond fails."),
                    ["cpu"] = Text("CPUs, such as 500m; it takes a control group, and so root."),
                },
            },
            ["privileges"] = Privileges("What the plugin may do to the machine, such as net-admin; one that asks for more is refused. What the distribution file grants to the role, if it is not there."),
            ["enabled"] = new() { Type = SchemaType.Boolean, Default = JsonValue.Create(true), Description = "False keeps the role empty." },
        },
    };

    private static Schema Status() => new()
    {
        Description = "What is.",
        Properties =
        {
            ["observedGeneration"] = new()
            {
                Type = SchemaType.Integer,
                Format = "int64",
                Description = "The generation of spec that was last carried out, or refused.",
            },
            ["phase"] = Text("Pending, Running, Stopping, Stopped or Failed."),
            ["plugin"] = Text("The plugin that fills the role, or was tried last."),
            ["version"] = Text("Its version."),
            ["isolation"] = Text("in-process, or process if it has a process of its own."),
            ["role"] = Text("The contracts it provides, for tables."),
            ["previous"] = new()
            {
                Description = "What ran before the last exchange, for a roll-back.",
                Properties =
                {
                    ["plugin"] = Text("The plugin."),
                    ["version"] = Text("The version that ran."),
                    ["isolation"] = Text("What spec said."),
                    ["configuration"] = Text("What spec said, as JSON."),
                    ["limits"] = Text("What spec said, as JSON."),
                    ["privileges"] = Privileges("What spec granted."),
                    ["trial"] = Text("What spec said, as JSON."),
                },
            },
            ["kept"] = new()
            {
                Description = "What runs in place of what spec asks for, which could not be had; Degraded says why. The next start begins with it.",
                Properties =
                {
                    ["plugin"] = Text("The plugin."),
                    ["version"] = Text("The version that runs."),
                    ["isolation"] = Text("What spec said of it."),
                    ["configuration"] = Text("What spec said of it, as JSON."),
                    ["limits"] = Text("What spec said of it, as JSON."),
                    ["privileges"] = Privileges("What spec granted to it."),
                    ["trial"] = Text("What spec said of it, as JSON."),
                },
            },
            ["trial"] = new()
            {
                Description = "How the trial of a candidate goes.",
                Properties =
                {
                    ["mode"] = Text("shadow or canary."),
                    ["report"] = new() { PreserveUnknownFields = true, Description = "Figures of the candidate and of what it is tried beside." },
                },
            },
            ["provides"] = new()
            {
                Type = SchemaType.Array,
                ListKind = ListKind.Set,
                Items = Text("A contract."),
                Description = "The contracts it provides.",
            },
            ["requires"] = new()
            {
                Type = SchemaType.Array,
                ListKind = ListKind.Set,
                Items = Text("A contract."),
                Description = "The contracts it asks for.",
            },
            ["privileges"] = Privileges("What it asked for, and was granted, of what spec lets it do to the machine."),
            ["conditions"] = Entries("type", "What is to be known of it.",
                ("type", "Resolved, Loaded, Ready, Degraded, Blocked, Unloaded or RolledBack."), ("status", "True or False."), ("reason", "Why, as one word."),
                ("message", "Why, as a sentence."), ("lastTransitionTime", "When status changed.")),
            ["instances"] = Instances(),
        },
    };

    private static Schema Privileges(string description) => new()
    {
        Type = SchemaType.Array,
        ListKind = ListKind.Set,
        Items = Text("A Linux capability in lower case with dashes, or all."),
        Description = description,
    };

    private static Schema Instances()
    {
        var instances = Entries("host", "The instances that run, one a host.", ("host", "The node."), ("version", "Its version."));
        instances.Items!.Properties["epoch"] = new()
        {
            Type = SchemaType.Integer,
            Format = "int64",
            Description = "Counts the instances this role had on the host.",
        };
        return instances;
    }

    private static Schema Entries(string key, string description, params ReadOnlySpan<(string Name, string Description)> fields)
    {
        var entry = new Schema { Required = [key] };
        foreach (var (name, about) in fields)
        {
            entry.Properties[name] = Text(about);
        }

        return new()
        {
            Type = SchemaType.Array,
            ListKind = ListKind.Map,
            ListMapKeys = [key],
            PatchMerge = true,
            PatchMergeKey = key,
            Items = entry,
            Description = description,
        };
    }

    private static Schema Text(string description) => new() { Type = SchemaType.String, Description = description };
}
