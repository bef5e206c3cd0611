using System.CommandLine;
using System.Text.Json.Nodes;
using Modular.Host.Client;

namespace Modular.Host.Commands;

/// <summary><c>modular scale</c>: changes how many replicas are wanted.</summary>
internal static class ScaleCommand
{
    public static Command Create()
    {
        var what = new Argument<string[]>("what") { Description = "TYPE NAME or TYPE/NAME", Arity = ArgumentArity.OneOrMore };
        var replicas = new Option<int>("--replicas") { Description = "How many replicas", Required = true };
        var command = new Command("scale", "Change the number of replicas") { what, ClientOptions.Namespace, replicas };
        command.SetAction(async (result, cancellationToken) =>
        {
            using var api = ClientOptions.Connect(result);
            var mapper = await ResourceMapper.LoadAsync(api, cancellationToken);
            var ns = ClientOptions.NamespaceOf(result, api);
            foreach (var target in ObjectArgument.Read(result.GetRequiredValue(what), mapper))
            {
                if (target.Name.Length == 0)
                {
                    throw new CommandException($"name the {target.Resource.Singular} to scale");
                }

                var patch = new JsonObject { ["spec"] = new JsonObject { ["replicas"] = result.GetValue(replicas) } };
                await api.SendAsync(
                    HttpMethod.Patch, target.Resource.Path(ns, target.Name) + "/scale", patch, "application/merge-patch+json", cancellationToken);
                Console.WriteLine($"{target.Resource.DisplayName}/{target.Name} scaled");
            }

            return 0;
        });
        return command;
    }
}
