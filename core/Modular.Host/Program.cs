using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using Modular.Host;
using Modular.Host.Client;
using Modular.Host.Commands;
using Modular.Host.Web;

// The sample web server runs many times on one machine; it starts before anything else is loaded.
return args is ["web", ..] ? await WebServer.RunAsync(args.AsMemory(1)) : await CommandLine.RunAsync(args);

/// <summary>The commands of <c>modular</c>, and what becomes of their errors: one line each.</summary>
internal static class CommandLine
{
    private static readonly string[] NeverEmpty = ["--data-dir", "--distribution", "--junit", "--timeout"];

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
            HostCommand.Create(),
            PluginCommand.Create(),
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
            var parsed = root.Parse(args.Length == 0 ? ["--help"] : args);
            return Mistake(parsed, args) is { } mistake ? throw mistake : await parsed.InvokeAsync(invocation);
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
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync($"modular: {e.Message}");
            return 1;
        }
        catch (OperationCanceledException)
        {
            return 130;
        }
    }

    private static CommandException? Mistake(ParseResult parsed, string[] args)
    {
        if (parsed.Action is ParseErrorAction)
        {
            // A word that nobody knows is why something else is missing.
            var messages = parsed.Errors.Select(e => e.Message).ToList();
            return Mistake(parsed, messages.Find(m => m.StartsWith("Unrecognized", StringComparison.Ordinal)) ?? messages[0]);
        }

        // The parser takes options it does not know for names; only behind -- are they a container's.
        var own = args.TakeWhile(a => a != "--").ToHashSet(StringComparer.Ordinal);
        var unknown = parsed.CommandResult.Tokens.FirstOrDefault(t => t.Value is ['-', _, ..] && own.Contains(t.Value));
        return unknown is not null ? Mistake(parsed, $"Unrecognized option '{unknown.Value}'")
            : Empty(parsed) is { } empty ? Mistake(parsed, $"{empty} is empty")
            : null;
    }

    /// <summary>What names something and was given no text, as a variable of a shell does that is not set.</summary>
    private static string? Empty(ParseResult parsed)
    {
        for (SymbolResult? command = parsed.CommandResult; command is CommandResult { Children: var given }; command = command.Parent)
        {
            foreach (var part in given.Where(part => part.Tokens is [{ Value: "" }]))
            {
                switch (part)
                {
                    case OptionResult { Option.Name: var option } when NeverEmpty.Contains(option):
                        return option;
                    case ArgumentResult { Argument: { Arity.MaximumNumberOfValues: 1, Name: var argument } }:
                        return $"<{argument}>";
                }
            }
        }

        return null;
    }

    private static CommandException Mistake(ParseResult parsed, string message)
    {
        var path = parsed.CommandResult.Parent is null ? "" : parsed.CommandResult.Command.Name + " ";
        for (var above = parsed.CommandResult.Parent as CommandResult; above?.Parent is not null; above = above.Parent as CommandResult)
        {
            path = $"{above.Command.Name} {path}";
        }

        return new CommandException($"{message.TrimEnd('.')}; 'modular {path}--help' shows what there is");
    }
}
