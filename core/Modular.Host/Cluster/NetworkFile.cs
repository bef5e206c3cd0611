using System.Text.Json;
using System.Text.Json.Serialization;
using Modular.Abstractions;
using Modular.Host.Client;
using Modular.PluginProcess;

namespace Modular.Host.Cluster;

/// <summary>Where a cluster keeps the mode and the addresses that were agreed on at its first start.</summary>
internal static class NetworkFile
{
    /// <summary>Reads what was agreed on; at the first start agrees on it.</summary>
    /// <param name="options">What the start was told.</param>
    /// <param name="missing">What isolation needs and is not there; null for nothing.</param>
    /// <exception cref="CommandException">The file is damaged, or the cluster cannot run in its mode or in the one asked for.</exception>
    public static ClusterNetwork Open(ClusterOptions options, string? missing)
    {
        if (!File.Exists(options.Directory.Network))
        {
            var isolated = options.Mode is null ? missing is null : options.Mode == ClusterMode.Isolated;
            Check(isolated, missing);
            return isolated ? AgreeOnIsolated(options.Directory) : Keep(options.Directory, NetworkChoice.OfProcesses(options.Directory));
        }

        var network = Read(options.Directory);
        if (options.Mode is { } mode && (mode == ClusterMode.Isolated) != network.Isolated)
        {
            throw new CommandException(
                $"the cluster in {options.Directory.Root} was made in {(network.Isolated ? "isolated" : "process")} mode, which stays; --data-dir starts another");
        }

        Check(network.Isolated, missing);
        return network;
    }

    /// <summary>What was agreed on.</summary>
    /// <exception cref="CommandException">The file is damaged.</exception>
    public static ClusterNetwork Read(ClusterDirectory directory)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllText(directory.Network), NetworkFileContext.Default.ClusterNetwork)
                ?? throw new JsonException("it says nothing");
        }
        catch (JsonException e)
        {
            throw new CommandException($"{directory.Network} cannot be read: {e.Message}; restore it from a copy, since objects hold addresses of its ranges");
        }
    }

    private static ClusterNetwork AgreeOnIsolated(ClusterDirectory directory)
    {
        using var register = ClusterRegister.Open();
        var chosen = Keep(directory, NetworkChoice.Isolated(register.Networks()));
        register.Add(directory);
        return chosen;
    }

    private static ClusterNetwork Keep(ClusterDirectory directory, ClusterNetwork network)
    {
        PrivateFile.Write(directory.Network, JsonSerializer.Serialize(network, NetworkFileContext.Default.ClusterNetwork) + "\n");
        return network;
    }

    private static void Check(bool isolated, string? missing)
    {
        if (isolated && missing is not null)
        {
            throw new CommandException($"this cluster's containers are to be isolated, which needs {missing}");
        }
    }
}

/// <summary>How the file is written.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(ClusterNetwork))]
internal sealed partial class NetworkFileContext : JsonSerializerContext;
