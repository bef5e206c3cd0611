using System.CommandLine;
using Modular.Host.Client;
using Modular.Host.Cluster;

namespace Modular.Host.Commands;

/// <summary>The options that every command which talks to a cluster has.</summary>
internal sealed class ClientOptions
{
    public static Option<string> DataDirectory { get; } = new("--data-dir")
    {
        Description = "Where the cluster keeps its data; by default $XDG_DATA_HOME/modular or ~/.local/share/modular",
        Recursive = true,
    };

    public static Option<string> KubeconfigFile { get; } = new("--kubeconfig")
    {
        Description = "The cluster to talk to; by default the data directory's own",
        Recursive = true,
    };

    public static Option<string> Namespace { get; } = new("--namespace", "-n") { Description = "The namespace; by default the kubeconfig's" };

    public static Option<bool> AllNamespaces { get; } = new("--all-namespaces", "-A") { Description = "All namespaces" };

    public static Option<string> Selector { get; } = new("--selector", "-l") { Description = "Only objects with these labels, such as app=web,tier!=db" };

    public static Option<string> Output { get; } = new("--output", "-o") { Description = "wide, yaml, json or name" };

    public static ClusterDirectory Directory(ParseResult result) => new(result.GetValue(DataDirectory) ?? ClusterDirectory.Default);

    /// <summary>Opens the cluster's API as the options say.</summary>
    public static ApiConnection Connect(ParseResult result)
    {
        var path = result.GetValue(KubeconfigFile) ?? Directory(result).Kubeconfig;
        if (!File.Exists(path))
        {
            throw new CommandException($"there is no cluster here ({path} does not exist); start one with 'modular up --detach', or name one with --data-dir or --kubeconfig");
        }

        return new ApiConnection(Kubeconfig.Read(path));
    }

    /// <summary>The namespace a command works in; empty for all.</summary>
    public static string NamespaceOf(ParseResult result, ApiConnection api) =>
        result.GetValue(AllNamespaces) ? "" : result.GetValue(Namespace) ?? api.DefaultNamespace;
}
