using System.Text.Json.Nodes;
using Modular.Kernel.Plugins;
using Modular.PluginProcess;

namespace Modular.Host.Commands;

/// <summary>What a plugin could do to its host where it runs, for whoever looks at one; docs/operate.md says more.</summary>
internal static class ContainmentNote
{
    /// <summary>Lines of comment.</summary>
    public static IEnumerable<string> Of(JsonObject plugin)
    {
        var status = plugin["status"] as JsonObject ?? [];
        var name = (string?)plugin["metadata"]!["name"];
        if ((string?)status["phase"] is not ("Running" or "Stopping"))
        {
            yield return "# It does not run, so there is nothing to contain.";
            yield break;
        }

        if ((string?)status["isolation"] == PluginSlot.OwnProcess)
        {
            yield return "# It runs in a process of its own: whatever goes wrong there ends that process at worst, and the host starts another.";
            yield return (string?)plugin["spec"]?["limits"]?["memory"] is { } memory
                ? $"# Its memory is limited to {memory}."
                : "# Its memory is not limited; spec.limits.memory does that.";
            yield return (string?)plugin["spec"]?["limits"]?["cpu"] is { } cpu
                ? $"# Its CPU time is limited to {cpu}."
                : "# Its CPU time is not limited; spec.limits.cpu does that.";
            yield return Privileges(status) is { Length: > 0 } granted
                ? $"# Of the host's privileges it has {granted} at most, beside those on files."
                : "# Of the host's privileges it has none but those on files.";
            yield return "# Not contained: what it does as the host's user, such as to files and other processes; as root that is enough to get everything back.";
            yield break;
        }

        yield return "# It runs in the host's process. Contained: exceptions, on threads of its own too, calls that hang, and spam in the log.";
        yield return "# Not contained: a stack overflow, an exit, memory without bound, a loop without end on a thread of its own.";
        if (Privileges(status) is { Length: > 0 } asked)
        {
            yield return $"# It asked for {asked}; there it has all that the host has.";
        }

        var contracts = (status["provides"] as JsonArray ?? []).Select(contract => (string)contract!).ToList();
        if (contracts.Find(contract => !PluginProcessLoader.Carries(contract)) is { } local)
        {
            yield return $"# A process of its own would contain them; what provides {local} can't have one.";
        }
        else
        {
            var how = contracts.Contains("modular.store")
                ? "isolation: process in its entry of the distribution file"
                : $"modular plugins swap {name} {(string?)status["plugin"]} --isolation process";
            yield return $"# A process of its own contains them: {how}";
        }
    }

    private static string Privileges(JsonObject status) => string.Join(", ", (status["privileges"] as JsonArray ?? []).Select(name => (string)name!));
}
