using System.CommandLine;
using System.Net.WebSockets;
using System.Text.Json.Nodes;

namespace Modular.Host.Commands;

/// <summary><c>modular exec POD -- COMMAND</c>: runs a command in a container; its exit code becomes this one's.</summary>
internal static class ExecCommand
{
    private const byte Stdin = 0, Stdout = 1, Stderr = 2, Error = 3, Close = 255;

    public static Command Create()
    {
        var pod = new Argument<string>("pod") { Description = "The pod's name" };
        var words = new Argument<string[]>("command") { Description = "The command and its arguments, behind --", Arity = ArgumentArity.OneOrMore };
        var container = new Option<string>("--container", "-c") { Description = "The container; the first if not said" };
        var stdin = new Option<bool>("--stdin", "-i") { Description = "Pass standard input on" };
        var command = new Command("exec", "Run a command in a container") { pod, words, ClientOptions.Namespace, container, stdin };
        command.SetAction(async (result, cancellationToken) =>
        {
            using var api = ClientOptions.Connect(result);
            var ns = ClientOptions.NamespaceOf(result, api);
            var name = result.GetRequiredValue(pod);
            name = name.StartsWith("pod/", StringComparison.Ordinal) ? name[4..] : name;
            var query = string.Concat(result.GetRequiredValue(words).Select(w => $"&command={Uri.EscapeDataString(w)}"));
            if (result.GetValue(container) is { } c)
            {
                query += $"&container={Uri.EscapeDataString(c)}";
            }

            var sends = result.GetValue(stdin);
            var path = $"/api/v1/namespaces/{Uri.EscapeDataString(ns)}/pods/{Uri.EscapeDataString(name)}/exec?stdout=true&stderr=true&stdin={(sends ? "true" : "false")}{query}";

            // The object is read first because a refused upgrade carries no reason.
            await api.GetAsync($"/api/v1/namespaces/{Uri.EscapeDataString(ns)}/pods/{Uri.EscapeDataString(name)}", cancellationToken);
            using var socket = await api.OpenWebSocketAsync(path, ["v5.channel.k8s.io"], cancellationToken);
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var sending = sends ? SendAsync(socket, ended.Token) : Task.CompletedTask;
            var code = await ReceiveAsync(socket, cancellationToken);
            await ended.CancelAsync();
            await sending;
            return code;
        });
        return command;
    }

    private static async Task SendAsync(ClientWebSocket socket, CancellationToken cancellationToken)
    {
        try
        {
            await using var input = Console.OpenStandardInput();
            var buffer = new byte[32 * 1024];
            buffer[0] = Stdin;
            int read;
            while ((read = await input.ReadAsync(buffer.AsMemory(1), cancellationToken)) > 0)
            {
                await socket.SendAsync(buffer.AsMemory(0, read + 1), WebSocketMessageType.Binary, true, cancellationToken);
            }

            await socket.SendAsync(new byte[] { Close, Stdin }, WebSocketMessageType.Binary, true, cancellationToken);
        }
        catch (Exception e) when (e is OperationCanceledException or WebSocketException)
        {
            // The command ended before its input did.
        }
    }

    private static async Task<int> ReceiveAsync(ClientWebSocket socket, CancellationToken cancellationToken)
    {
        await using var output = Console.OpenStandardOutput();
        await using var errors = Console.OpenStandardError();
        using var message = new MemoryStream();
        var buffer = new byte[32 * 1024];
        var code = 0;
        while (true)
        {
            var received = await ReceivePartAsync(socket, buffer, cancellationToken);
            if (received.MessageType == WebSocketMessageType.Close)
            {
                return code;
            }

            message.Write(buffer, 0, received.Count);
            if (!received.EndOfMessage)
            {
                continue;
            }

            if (message.Length > 0)
            {
                var content = message.GetBuffer().AsMemory(1, (int)message.Length - 1);
                switch (message.GetBuffer()[0])
                {
                    case Stdout: await output.WriteAsync(content, cancellationToken); break;
                    case Stderr: await errors.WriteAsync(content, cancellationToken); break;
                    case Error: code = ExitCode(content.Span); break;
                }
            }

            message.SetLength(0);
        }
    }

    private static async ValueTask<ValueWebSocketReceiveResult> ReceivePartAsync(
        ClientWebSocket socket, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        try
        {
            return await socket.ReceiveAsync(buffer, cancellationToken);
        }
        catch (WebSocketException)
        {
            throw new CommandException("the connection was lost before the command ended; 'modular status' shows whether the cluster still runs");
        }
    }

    private static int ExitCode(ReadOnlySpan<byte> status)
    {
        var node = JsonNode.Parse(status);
        if (node?["status"]?.GetValue<string>() == "Success")
        {
            return 0;
        }

        var cause = (node?["details"]?["causes"] as JsonArray)?.FirstOrDefault(c => c?["reason"]?.GetValue<string>() == "ExitCode");
        return cause is not null
            ? int.Parse(cause["message"]!.GetValue<string>())
            : throw new CommandException($"the command could not be run: {node?["message"]}");
    }
}
