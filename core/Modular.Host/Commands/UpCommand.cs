using System.CommandLine;
using System.Diagnostics;
using System.Net;
using Modular.Host.Cluster;
using Modular.Host.Output;
using Modular.PluginProcess;

namespace Modular.Host.Commands;

/// <summary><c>modular up</c>: starts a cluster on this machine, here or detached from the terminal.</summary>
internal static class UpCommand
{
    private const string ReadyLine = "ready";
    private const string ProblemLine = "problem ";

    public static Command Create()
    {
        var detach = new Option<bool>("--detach", "-d") { Description = "Return once the cluster is ready, and leave it running" };
        var listen = new Option<string>("--listen")
        {
            Description = "HOST:PORT where the API answers",
            DefaultValueFactory = _ => "127.0.0.1:6443",
        };
        var distribution = new Option<string>("--distribution") { Description = "The file that says which plugins the cluster is made of, or one that comes with this program: dev, edge, split or simulated" };
        var mode = new ModeOption();
        var reporting = new Option<bool>("--report-ready") { Hidden = true };
        var command = new Command("up", "Start a cluster on this machine") { detach, listen, mode.Option, distribution, reporting };
        command.SetAction(async (result, cancellationToken) =>
        {
            var options = new ClusterOptions
            {
                Directory = ClientOptions.Directory(result),
                Listen = Endpoint(result.GetRequiredValue(listen)),
                Mode = mode.Read(result),
                DistributionFile = result.GetValue(distribution) is { } named ? DistributionFile.Resolve(named) : null,
            };
            if (ProcessRecord.Read(options.Directory.ProcessFile) is { IsAlive: true } running)
            {
                throw new CommandException($"a cluster already runs in {options.Directory.Root} (pid {running.Pid}); 'modular down' stops it, --data-dir starts another");
            }

            return result.GetValue(detach)
                ? await DetachAsync(options, cancellationToken)
                : await RunAsync(options, result.GetValue(reporting), cancellationToken);
        });
        return command;
    }

    private static IPEndPoint Endpoint(string text)
    {
        var colon = text.LastIndexOf(':');
        var host = colon > 0 ? text[..colon] : "";
        var address = host == "localhost" ? IPAddress.Loopback : IPAddress.TryParse(host.Trim('[', ']'), out var parsed) ? parsed : null;
        return address is not null && int.TryParse(text[(colon + 1)..], out var port) && port is > 0 and < 65536
            ? new IPEndPoint(address, port)
            : throw new CommandException($"--listen {text}: write an address and a port, such as 127.0.0.1:6443");
    }

    /// <summary>Starts this program again in a session of its own, and waits for the one line it writes when it is ready.</summary>
    private static async Task<int> DetachAsync(ClusterOptions options, CancellationToken cancellationToken)
    {
        options.Directory.Create();
        var start = new ProcessStartInfo("setsid") { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (var argument in (string[])[
            Environment.ProcessPath!, "up", "--data-dir", options.Directory.Root, "--listen", options.Listen.ToString(), "--report-ready"])
        {
            start.ArgumentList.Add(argument);
        }

        if (options.Mode is { } mode)
        {
            start.ArgumentList.Add("--mode");
            start.ArgumentList.Add(mode.ToString().ToLowerInvariant());
        }

        if (options.DistributionFile is { } distribution)
        {
            start.ArgumentList.Add("--distribution");
            start.ArgumentList.Add(distribution);
        }

        await using var progress = Progress.Start("starting the cluster");
        using var process = Process.Start(start) ?? throw new CommandException("setsid could not be started; it is part of Debian's package util-linux");
        var errors = process.StandardError.ReadToEndAsync(cancellationToken);
        var problems = new List<string>();
        while (await process.StandardOutput.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line.StartsWith(ProblemLine, StringComparison.Ordinal))
            {
                problems.Add(line[ProblemLine.Length..]);
            }
            else if (line == ReadyLine)
            {
                PrintWelcome(options, problems);
                return 0;
            }
        }

        await process.WaitForExitAsync(cancellationToken);
        await Console.Error.WriteAsync(await errors);
        return process.ExitCode == 0 ? 1 : process.ExitCode;
    }

    private static async Task<int> RunAsync(ClusterOptions options, bool detached, CancellationToken cancellationToken)
    {
        await using var cluster = await ClusterHost.StartAsync(options, detached, cancellationToken);
        if (detached)
        {
            foreach (var problem in cluster.Problems)
            {
                Console.WriteLine(ProblemLine + problem);
            }

            Console.WriteLine(ReadyLine);
            cluster.LeaveTerminal();
        }
        else
        {
            PrintWelcome(options, cluster.Problems);
        }

        return await ClusterHost.WaitAsync(cancellationToken);
    }

    private static void PrintWelcome(ClusterOptions options, IReadOnlyList<string> problems)
    {
        Console.WriteLine($"the cluster is ready at https://{options.Listen}; to use it with kubectl:");
        Console.WriteLine($"  export KUBECONFIG={ShellText.Quote(options.Directory.Kubeconfig)}");
        if (!NetworkFile.Read(options.Directory).Isolated)
        {
            var missing = Isolation.Missing(DistributionFile.Read(options), PluginDirectories.Catalog(options.Directory));
            Console.WriteLine($"containers are plain processes: {(missing is null ? "the cluster was made so" : $"isolation needs {missing}")}");
        }

        foreach (var problem in problems)
        {
            Console.Error.WriteLine($"modular: {problem}");
        }
    }
}
