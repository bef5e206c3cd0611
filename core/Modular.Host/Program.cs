using System.CommandLine;
using Modular.Host;
using Modular.Host.Client;
using Modular.Host.Commands;
using Modular.Host.Web;

// The sample web server runs many times on one machine; it starts before anything else is loaded.
return args is ["web", ..] ? await WebServer.RunAsync(args.AsMemory(1)) : await CommandLine.RunAsync(args);

/// <summary>The commands of <c>modular</c>, and what becomes of their errors: one line each.</summary>
internal static class CommandLine
{
    public static async Task<int> RunAsync(string[] args)
    {
        var root = new RootCommand("Modular: a container orchestrator whose every part is a plugin. It speaks the Kubernetes API.")
        {
            UpCommand.Create(),
            DownCommand.Create(),
            StatusCommand.Create(),
            DemoCommand.Create(),
            PluginsCommand.Create(),
            GetCommand.Create(),
            DescribeCommand.Create(),
            ApplyCommand.Create(),
            DeleteCommand.Create(),
            ScaleCommand.Create(),
            LogsCommand.Create(),
            ExecCommand.Create(),
            WaitCommand.Create(),
            VersionCommand.Create(),
            new Command("web", "A small web server to try a cluster with: modular web [--port PORT] [--text TEXT]"),
        };
        root.Options.Add(ClientOptions.DataDirectory);
        root.Options.Add(ClientOptions.KubeconfigFile);
        try
        {
            var invocation = new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = TimeSpan.FromSeconds(45),
            };
            return await root.Parse(args).InvokeAsync(invocation);
        }
        catch (CommandException e)
        {
            await Console.Error.WriteLineAsync($"modular: {e.Message}");
            return e.ExitCode;
        }
        catch (ApiFailure e)
        {
            await Console.Error.WriteLineAsync($"Error from server{(e.Reason.Length > 0 ? $" ({e.Reason})" : "")}: {e.Message}");
            return 1;
        }
        catch (ConnectionFailure e)
        {
            await Console.Error.WriteLineAsync($"modular: {e.Message}");
            return 1;
        }
        catch (OperationCanceledException)
        {
            return 130;
        }
    }
}
