using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Strategies;

/// <summary>What must hold in the probes and lifecycle hooks of a container.</summary>
internal static class ProbeRules
{
    private static readonly string[] Probes = ["livenessProbe", "readinessProbe", "startupProbe"];
    private static readonly string[] Hooks = ["postStart", "preStop"];
    private static readonly string[] ProbeHandlers = ["exec", "httpGet", "tcpSocket", "grpc"];
    private static readonly string[] HookHandlers = ["exec", "httpGet", "tcpSocket", "sleep"];

    private static readonly string[] Numbers =
        ["initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"];

    public static void Validate(JsonObject container, bool isInit, FieldErrors errors)
    {
        // An init container that restarts runs beside the others and is probed like them.
        var runsOnce = isInit && container.GetString("restartPolicy") != "Always";
        foreach (var name in Probes)
        {
            if (container.GetObject(name) is not { } probe)
            {
                continue;
            }

            if (runsOnce)
            {
                errors.Forbidden(container.FieldPath(name), "may not be set for init containers without restartPolicy=Always");
                continue;
            }

            ValidateHandler(probe, ProbeHandlers, errors);
            ValidateNumbers(probe, mustSucceedOnce: name != "readinessProbe", errors);
        }

        ValidateHooks(container, runsOnce, errors);
    }

    private static void ValidateHooks(JsonObject container, bool runsOnce, FieldErrors errors)
    {
        if (container.GetObject("lifecycle") is not { } lifecycle)
        {
            return;
        }

        if (runsOnce)
        {
            errors.Forbidden(container.FieldPath("lifecycle"), "may not be set for init containers without restartPolicy=Always");
            return;
        }

        foreach (var name in Hooks)
        {
            if (lifecycle.GetObject(name) is { } hook)
            {
                ValidateHandler(hook, HookHandlers, errors);
            }
        }
    }

    private static void ValidateHandler(JsonObject parent, string[] handlers, FieldErrors errors)
    {
        var count = 0;
        foreach (var name in handlers)
        {
            if (parent.GetObject(name) is not { } handler)
            {
                continue;
            }

            if (++count > 1)
            {
                errors.Forbidden(parent.FieldPath(name), "may not specify more than 1 handler type");
                continue;
            }

            ValidateOne(name, handler, errors);
        }

        if (count == 0)
        {
            errors.Required(JsonPaths.PathOf(parent), "must specify a handler type");
        }
    }

    private static void ValidateOne(string name, JsonObject handler, FieldErrors errors)
    {
        switch (name)
        {
            case "exec" when handler.GetArray("command") is not { Count: > 0 }:
                errors.Required(handler.FieldPath("command"));
                break;
            case "httpGet" or "tcpSocket" or "grpc":
                ValidatePort(handler, errors);
                break;
        }
    }

    private static void ValidatePort(JsonObject handler, FieldErrors errors)
    {
        if (handler.GetInt64("port") is { } number)
        {
            errors.InvalidAll(handler, "port", number, NameRules.PortNumber(number));
        }
        else if (handler.GetString("port") is { } name)
        {
            errors.InvalidAll(handler, "port", name, NameRules.PortName(name));
        }
    }

    private static void ValidateNumbers(JsonObject probe, bool mustSucceedOnce, FieldErrors errors)
    {
        foreach (var name in Numbers)
        {
            if (probe.GetInt64(name) is { } number and < 0)
            {
                errors.Invalid(probe.FieldPath(name), number, "must be greater than or equal to 0");
            }
        }

        if (mustSucceedOnce && probe.GetInt64("successThreshold") is { } threshold and not 1)
        {
            errors.Invalid(probe.FieldPath("successThreshold"), threshold, "must be 1");
        }
    }
}
