using System.CommandLine;
using Modular.Host.Client;

namespace Modular.Host.Commands;

/// <summary><c>modular version</c>: of this program and, if one answers, of the cluster.</summary>
internal static class VersionCommand
{
    public static Command Create()
    {
        var command = new Command("version", "Print the versions of this program and of the cluster");
        command.SetAction(async (result, cancellationToken) =>
        {
            Console.WriteLine($"modular: {ProductVersion.Text}");
            if (!File.Exists(result.GetValue(ClientOptions.KubeconfigFile) ?? ClientOptions.Directory(result).Kubeconfig))
            {
                return 0;
            }

            using var api = ClientOptions.Connect(result);
            try
            {
                var version = await api.GetAsync("/version", cancellationToken);
                Console.WriteLine($"cluster: {version["gitVersion"]} at {api.Server}");
            }
            catch (ConnectionFailure)
            {
                Console.WriteLine($"cluster: none answers at {api.Server}");
            }

            return 0;
        });
        return command;
    }
}
